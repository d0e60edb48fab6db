internal import Glibc

/// What the owner of a key may do. A key has one role: whoever works and submits has two keys.
public enum Role: String, CaseIterable, Hashable, Sendable {
  /// Submits jobs, asks about them and cancels them.
  case client
  /// Runs tasks.
  case worker
}

/// The public keys that a server takes, each with a role, and a name for the log.
///
/// A file has a key per line: 40 characters of Z85, a name if you like, and `role=worker` or `role=client`. Empty lines and
/// lines that begin with `#` count for nothing (no key begins so: 84 times 85⁴, its least value, is above 2³²).
/// A folder counts as all its files that end in `.key`, in the order of their names.
public struct AllowedKeys: Hashable, Sendable {
  /// Whom a key belongs to.
  public struct Owner: Hashable, Sendable {
    public let name: String
    public let role: Role

    public init(name: String, role: Role) {
      self.name = name
      self.role = role
    }
  }

  /// Owners by the text of their keys.
  private var owners: [String: Owner]

  /// A list made by the program; empty lets nobody in.
  public init(_ owners: [PublicKey: Owner] = [:]) {
    self.owners = Dictionary(uniqueKeysWithValues: owners.map { ($0.key.z85, $0.value) })
  }

  /// Reads a file, or a folder of files.
  ///
  /// - Throws: ``MessagingError`` `.keyFile`, naming file and line.
  public init(path: String) throws(MessagingError) {
    owners = [:]
    var places: [PublicKey: String] = [:]
    for file in try Self.files(path) {
      for line in try KeyLine.all(in: file) {
        if let first = places.updateValue(line.place, forKey: line.key) {
          throw MessagingError(.keyFile, "\(line.place): the key already stands at \(first). Remove one of the two.")
        }
        guard let role = line.role else {
          throw MessagingError(
            .keyFile,
            "\(line.place): the key has no role. Write role=worker or role=client behind it, whatever its owner is.")
        }
        owners[line.key.z85] = Owner(name: line.name, role: role)
      }
    }
  }

  /// How many keys there are.
  public var count: Int { owners.count }

  /// The owner of a key, or `nil` when the key is not allowed.
  public subscript(_ key: PublicKey) -> Owner? { owners[key.z85] }

  /// The owner of the key that a message was signed with, or `nil` when that key is not allowed.
  public subscript(userID userID: String) -> Owner? { owners[userID] }

  /// Names of owners that `other` does not have in the same role, in order.
  public func names(missingFrom other: AllowedKeys) -> [String] {
    owners.filter { other.owners[$0.key]?.role != $0.value.role }.map(\.value.name).sorted()
  }

  private static func files(_ path: String) throws(MessagingError) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOTDIR { return [path] }
      throw KeyFile.error(path, "cannot be read: \(MessagingError.text(errno))", errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasSuffix(".key") { names.append("\(path)/\(name)") }
    }
    return names.sorted()
  }
}

/// A line of a `.key` file or of a list of keys.
struct KeyLine {
  let key: PublicKey
  let name: String
  /// A coordinator's key has none.
  let role: Role?
  /// File and line, for messages.
  let place: String

  /// All lines of a file that hold a key.
  ///
  /// - Throws: ``MessagingError`` `.keyFile`, naming file and line.
  static func all(in file: String) throws(MessagingError) -> [KeyLine] {
    let lines = try KeyFile.read(file, secret: false).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var found: [KeyLine] = []
    for (number, line) in zip(1..., lines) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let first = words.first, first.first != "#" else { continue }
      found.append(try KeyLine(first, words.dropFirst(), "\(file):\(number)"))
    }
    return found
  }

  private init(_ key: Substring, _ words: ArraySlice<Substring>, _ place: String) throws(MessagingError) {
    do {
      self.key = try PublicKey(z85: String(key))
    } catch {
      throw MessagingError(
        .keyFile, "\(place): the line must begin with a public key of \(Z85.length) characters, as in a NAME.key file.",
        cause: error)
    }
    let roles = words.filter { $0.hasPrefix(Self.rolePrefix) }.map { $0.dropFirst(Self.rolePrefix.count) }
    let names = words.filter { !$0.hasPrefix(Self.rolePrefix) }
    role = roles.first.flatMap { Role(rawValue: String($0)) }
    guard roles.count <= 1, roles.isEmpty || role != nil else {
      throw MessagingError(
        .keyFile, "\(place): a key has one role, role=worker or role=client. Make a second key for a second role.")
    }
    name = names.isEmpty ? String(key.prefix(8)) : names.joined(separator: " ")
    self.place = place
  }

  private static let rolePrefix = "role="

  /// A line as `tributary keygen` writes it.
  static func text(_ key: PublicKey, name: String, role: Role?) -> String {
    "\(key) \(name)\(role.map { " \(rolePrefix)\($0.rawValue)" } ?? "")\n"
  }
}
