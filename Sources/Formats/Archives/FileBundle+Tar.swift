extension FileBundle {
  /// Bytes of a block; headers and the ends of files fill whole ones.
  static let block = 512

  /// Whether bytes look like a tar archive (POSIX ustar or GNU).
  public static func isTar(_ bytes: [UInt8]) -> Bool {
    bytes.count >= block && bytes[257..<262].elementsEqual("ustar".utf8)
  }

  /// The bundle as a tar archive in the POSIX pax form (IEEE 1003.1): a function of names and bytes alone, as modes, owners and
  /// times are fixed. Files follow the order of `names`.
  ///
  /// Throws `FormatError.Code.unsupported` for an empty name or one with a zero byte.
  public func tar() throws(FormatError) -> [UInt8] {
    var archive: [UInt8] = []
    archive.reserveCapacity(byteCount + (names.count * 2 + 2) * Self.block)
    for name in names {
      guard !name.isEmpty, !name.utf8.contains(0), let bytes = self[name] else {
        throw FormatError(.unsupported, "an archive cannot hold a file of the name \(shown(name))")
      }
      if name.utf8.count > 100 || bytes.count >= 1 << 33 {
        let records = Self.record("path", name) + Self.record("size", "\(bytes.count)")
        Self.append(records[...], name: "pax", type: "x", to: &archive)
      }
      Self.append(bytes, name: name, type: "0", to: &archive)
    }
    return archive + [UInt8](repeating: 0, count: 2 * Self.block)
  }

  /// A record of a pax header: its own length in decimal, a blank, key=value and a newline.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n".utf8.count
    var length = rest + 1
    while "\(length)".utf8.count + rest != length { length += 1 }
    return Array("\(length) \(key)=\(value)\n".utf8)
  }

  private static func append(
    _ bytes: ArraySlice<UInt8>, name: String, type: Unicode.Scalar, to archive: inout [UInt8]
  ) {
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: some Collection<UInt8>, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.count, with: text)
    }
    func put(_ number: Int, at offset: Int, digits: Int) {
      let octal = String(number, radix: 8)
      put(Array((String(repeating: "0", count: max(digits - octal.count, 0)) + octal.suffix(digits)).utf8), at: offset)
    }
    put(name.utf8.prefix(100), at: 0)
    put(0o644, at: 100, digits: 7)
    put(0, at: 108, digits: 7)
    put(0, at: 116, digits: 7)
    put(bytes.count, at: 124, digits: 11)
    put(0, at: 136, digits: 11)
    header[156] = UInt8(ascii: type)
    put("ustar\u{0}00".utf8, at: 257)
    put("        ".utf8, at: 148)
    put(header.reduce(0) { $0 + Int($1) }, at: 148, digits: 6)
    header[154] = 0
    archive += header
    archive += bytes
    archive += [UInt8](repeating: 0, count: (block - bytes.count % block) % block)
  }
}
