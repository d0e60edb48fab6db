internal import Glibc

/// The public keys that a server takes, each with a name for the log.
///
/// A file has a key per line, 40 characters of Z85, optionally followed by a space and a name. Empty lines and lines that
/// begin with `#` count for nothing (no key begins so: 84 times 85⁴, its least value, is above 2³²).
/// A folder counts as all its files that end in `.key`, in the order of their names.
public struct AllowedKeys: Sendable {
  /// Names by key.
  public private(set) var names: [PublicKey: String]

  /// A list made by the program; empty lets nobody in.
  public init(_ names: [PublicKey: String] = [:]) { self.names = names }

  /// Reads a file, or a folder of files.
  ///
  /// - Throws: ``MessagingError`` `.keyFile`, naming file and line.
  public init(path: String) throws(MessagingError) {
    names = [:]
    var places: [PublicKey: String] = [:]
    for file in try Self.files(path) {
      let lines = try KeyFile.read(file, secret: false).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (number, line) in zip(1..., lines) {
        let place = "\(file):\(number)"
        guard let (key, name) = try Self.entry(line, place) else { continue }
        if let first = places.updateValue(place, forKey: key) {
          throw MessagingError(.keyFile, "\(place): the key already stands at \(first). Remove one of the two.")
        }
        names[key] = name
      }
    }
  }

  /// The name that goes with a key, or `nil` when the key is not allowed.
  public subscript(_ key: PublicKey) -> String? { names[key] }

  private static func entry(_ line: Substring, _ place: String) throws(MessagingError) -> (PublicKey, String)? {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let word = words.first, word.first != "#" else { return nil }
    do {
      let name = words.count > 1 ? words.dropFirst().joined(separator: " ") : String(word.prefix(8))
      return (try PublicKey(z85: String(word)), name)
    } catch {
      throw MessagingError(
        .keyFile, "\(place): the line must begin with a public key of \(Z85.length) characters, as in a NAME.key file.",
        cause: error)
    }
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
