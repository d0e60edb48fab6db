internal import Glibc

extension KeyPair {
  /// Writes `NAME.key` (public, mode 644) and `NAME.secret` (mode 600 from its first moment).
  ///
  /// A file that is already there is never touched. `NAME.key` holds the key, the last part of NAME and the role: it is a
  /// line of a list of allowed keys, and a folder of such files is a list too.
  ///
  /// - Parameters:
  ///   - path: NAME, with or without folders, which must exist.
  ///   - role: What the owner may do; a coordinator has none.
  /// - Throws: ``MessagingError`` `.keyFile`, naming the file and what to do.
  public func write(to path: String, role: Role? = nil) throws(MessagingError) {
    let secretPath = path + ".secret"
    let publicPath = path + ".key"
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    try KeyFile.create(secretPath, mode: 0o600, "\(secretKey.z85)\n")
    do {
      try KeyFile.create(publicPath, mode: 0o644, KeyLine.text(publicKey, name: name, role: role))
    } catch {
      unlink(secretPath)
      throw error
    }
  }

  /// Reads a pair from its secret key file.
  ///
  /// The file must be readable by its owner alone; one that belongs to root may also be readable by its group, as
  /// systemd and Kubernetes hand secrets to services.
  ///
  /// - Throws: ``MessagingError`` `.keyFile`, naming the file and what to do, `.invalidKey`.
  public init(secretFile path: String) throws(MessagingError) {
    let text = try KeyFile.read(path, secret: true)
    let key = text.prefix { !$0.isWhitespace }
    do {
      try self.init(secretKey: SecretKey(z85: String(key)))
    } catch {
      throw MessagingError(
        .keyFile, "\(path) holds no secret key. Name the NAME.secret that tributary keygen wrote.", cause: error)
    }
  }
}

extension PublicKey {
  /// Reads the key of a `NAME.key` file.
  ///
  /// - Throws: ``MessagingError`` `.keyFile`, naming the file and what to do.
  public init(file path: String) throws(MessagingError) {
    let lines = try KeyLine.all(in: path)
    guard let line = lines.first, lines.count == 1 else {
      throw MessagingError(.keyFile, "\(path) holds \(lines.count) public keys; one is expected.")
    }
    self = line.key
  }
}

/// Small files that hold keys.
enum KeyFile {
  private static let bytesMax = 1 << 20

  static func create(_ path: String, mode: mode_t, _ text: String) throws(MessagingError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw creationError(path, errno) }
    let bytes = Array(text.utf8)
    let written = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    let complete = written && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
    let number = errno
    close(descriptor)
    if !complete {
      unlink(path)
      throw error(path, "cannot be written: \(MessagingError.text(number))", number)
    }
  }

  static func read(_ path: String, secret: Bool) throws(MessagingError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw error(path, "cannot be read: \(MessagingError.text(errno))", errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= bytesMax else {
      throw error(path, "is not a key file: it is no regular file, or longer than \(bytesMax) bytes")
    }
    let forbidden: mode_t = status.st_uid == 0 && geteuid() != 0 ? 0o037 : 0o077
    if secret, status.st_mode & forbidden != 0 {
      throw error(path, "can be read by others. Type: chmod 600 \(path); if anyone else used this host, make new keys")
    }
    return try contents(of: descriptor, path)
  }

  private static func contents(of descriptor: Int32, _ path: String) throws(MessagingError) -> String {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, filled in
      repeat {
        count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), bytesMax - filled)
        filled += max(0, count)
      } while count > 0 && filled < bytesMax
    }
    guard count >= 0, let text = String(validating: bytes, as: UTF8.self) else {
      throw error(path, "is not a text file")
    }
    return text
  }

  private static func creationError(_ path: String, _ number: Int32) -> MessagingError {
    switch number {
    case EEXIST: error(path, "is already there. Choose another name, or move the old keys away", number)
    case ENOENT: error(path, "cannot be made: its folder does not exist", number)
    default: error(path, "cannot be made: \(MessagingError.text(number))", number)
    }
  }

  static func error(_ path: String, _ what: String, _ number: Int32? = nil) -> MessagingError {
    MessagingError(.keyFile, "\(path) \(what).", errorNumber: number)
  }
}
