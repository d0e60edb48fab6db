import Foundation

/// Inputs worth keeping, a file for each decoder and a line for each input.
///
/// Printable ASCII stands for itself; `\n`, `\r`, `\t`, `\\` and `\xNN` as in C; `\(1000:[)` is `[` a thousand times.
public enum Corpus {
  /// The inputs of a decoder.
  public static func inputs(of decoder: String) throws -> [[UInt8]] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
    let text = try String(contentsOf: folder.appending(path: "\(decoder).txt"), encoding: .utf8)
    return try text.split(separator: "\n").map { try bytes(ofLine: $0.utf8) }
  }

  /// The line of the file that stands for an input.
  public static func line(of bytes: [UInt8]) -> String {
    bytes.map { byte in
      switch byte {
      case UInt8(ascii: "\n"): "\\n"
      case UInt8(ascii: "\r"): "\\r"
      case UInt8(ascii: "\t"): "\\t"
      case UInt8(ascii: "\\"): "\\\\"
      case 0x20...0x7e: String(UnicodeScalar(byte))
      default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }.joined()
  }

  private static func bytes(ofLine line: some Collection<UInt8>) throws -> [UInt8] {
    var rest = Array(line)[...]
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      bytes += byte == UInt8(ascii: "\\") ? try escape(&rest) : [byte]
    }
    return bytes
  }

  private static func escape(_ rest: inout ArraySlice<UInt8>) throws -> [UInt8] {
    switch rest.popFirst().map(UnicodeScalar.init) {
    case "n": return [0x0a]
    case "r": return [0x0d]
    case "t": return [0x09]
    case "\\": return [0x5c]
    case "x":
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      rest = rest.dropFirst(2)
      if let byte = UInt8(digits, radix: 16) { return [byte] }
    case "(":
      let inside = rest.prefix { $0 != UInt8(ascii: ")") }
      rest = rest.dropFirst(inside.count + 1)
      let parts = inside.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      if parts.count == 2, let count = Int(String(decoding: parts[0], as: UTF8.self)) {
        let unit = try bytes(ofLine: parts[1])
        return Array(repeatElement(unit, count: count).joined())
      }
    default: break
    }
    throw Refusal("not an escape of the corpus")
  }
}
