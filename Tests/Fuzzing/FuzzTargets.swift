import Datasets
import Formats
import Foundation
import Messaging
import Scheduling
import Specification
import Store
import TestSupport

extension FuzzTarget {
  /// Everything that meets foreign bytes.
  public static let all = [envelope] + messages + texts + files + images + encoders + jobs

  /// Words of JSON, and what JSON tempts one to forget.
  static let jsonTokens = [
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "\\u0000", "\\ud800", "\\udfff", "\\\"", "1e999",
    "-0.0",
    "9223372036854775808", "\"inf\"", "\"nan\"", "\u{feff}", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":", " ", "\u{0}",
    "\u{301}",
  ]
}

/// Short texts: endpoints, names, identifiers, keys.
extension FuzzTarget {
  private static func text(
    _ name: String, tokens: [String], decode: @escaping @Sendable (String) throws -> Void
  ) -> FuzzTarget {
    FuzzTarget(name, tokens: tokens) { try decode(String(decoding: $0, as: UTF8.self)) }
  }

  static let texts = [
    text(
      "endpoint", tokens: ["tcp://", "inproc://", "ipc://", "[::1]", ":*", ":65536", "127.0.0.1", "localhost", "%eth0"]
    ) {
      let endpoint = try Endpoint($0)
      try promise(try Endpoint(endpoint.description) == endpoint, "\(endpoint) is not read as it was written")
      _ = endpoint.isLoopback
    },
    text("task", tokens: [".", "-", "+", "9223372036854775808", "1.0.3", "@"]) {
      guard let task = TaskID($0) else { throw Refusal("no task") }
      try promise(TaskID(task.description) == task, "\(task) is not read as it was written")
    },
    text("digest", tokens: [String(repeating: "0", count: 64), "A", "g"]) {
      guard let digest = Digest($0) else { throw Refusal("no digest") }
      try promise(digest.description == $0, "\(digest) is not what was read")
    },
    text("file-name", tokens: ["/", "..", ".", "//", "\u{0}", "a/b", "é"]) {
      guard JobFolder.isSafe($0) else { throw Refusal("no name of a file") }
      // As the system reads it, byte by byte.
      var depth = 0
      for part in Array($0.utf8).split(separator: UInt8(ascii: "/")) {
        depth += part.elementsEqual("..".utf8) ? -1 : 1
        try promise(depth > 0, "\($0) leads out of the folder")
      }
      try promise(!$0.utf8.contains(0), "a name with a zero byte")
    },
    text("public-key", tokens: ["#", "%", "\u{0}", "$$$$$"]) {
      let key = try PublicKey(z85: $0)
      try promise(key.z85 == $0 && key.description == $0, "\(key) is not what was read")
    },
    text("secret-key", tokens: ["#", "%", "\u{0}"]) {
      let key = try KeyPair(secretKey: SecretKey(z85: $0))
      try promise(!"\(key.secretKey)".contains($0), "a secret key shows itself")
    },
    FuzzTarget("key-file", tokens: ["#", "\n", "\r\n", " ", "\u{feff}", "worker", "client"]) { bytes in
      let path = try Scratch.file(holding: bytes)
      let keys = try? AllowedKeys(path: path)
      let pair = try? KeyPair(secretFile: path)
      guard keys == nil, pair == nil else { return }
      _ = try AllowedKeys(path: path)
    },
  ]
}

/// Files: tables and tensors.
extension FuzzTarget {
  static let files = [
    FuzzTarget("json", tokens: jsonTokens) {
      let json = try JSON(bytes: $0)
      let again = try promised("reading \(json)") { () throws(FormatError) in try JSON(bytes: json.bytes) }
      try promise(again == json, "\(json) is not read as it was written")
    },
    FuzzTarget("csv", tokens: [",", "\"", "\"\"", "\r\n", "\n", "\t", " ", "nan", "1e999", "-", "\u{feff}", "x0"]) {
      let table = try CSVTable(bytes: $0, file: "table.csv", header: false)
      try promise(table.values.count == table.rowCount * table.columnNames.count, "the table is not rectangular")
      try promise(table.values.allSatisfy(\.isFinite), "a value is not finite")
    },
    FuzzTarget("table", tokens: [",", "\"", "\r\n", "\n", "\u{feff}", "1e308", "-1e308", "1e-308", "0"]) {
      let source = DataSpecification.Source.file(TableFile(path: "table.csv", target: .index(1)))
      let data = try RegressionData(
        DataSpecification(source: source, split: .shuffled(testFraction: 0.3, seed: 1)), file: $0)
      for part in [data.training, data.test] {
        try promise(part.inputs.count == part.rows.count * data.featureCount, "the rows are not rectangular")
        try promise((part.inputs + part.targets).allSatisfy(\.isFinite), "a standardised value is not finite")
      }
    },
    FuzzTarget(
      "safetensors", tokens: jsonTokens + ["__metadata__", "dtype", "shape", "data_offsets", "F64", "BOOL", "\u{1}"],
      examples: {
        var file = Safetensors(metadata: ["format": "example"])
        file["weight"] = try Safetensors.Tensor([0.5, -2, .infinity, 1e-300, 3, 4], shape: [2, 3])
        file["step"] = try Safetensors.Tensor([7, -1])
        file["flags"] = try Safetensors.Tensor([true, false, true])
        file["empty"] = try Safetensors.Tensor([Double](), shape: [0, 4])
        return [try file.encoded(), try Safetensors().encoded()]
      }
    ) {
      let file = try Safetensors(bytes: $0)
      let again = try promised("reading again") { try Safetensors(bytes: try file.encoded()) }
      try promise(again == file, "the file is not read as it was written")
      for name in file.names { _ = try? file.tensor(name).doubles() }
    },
  ]
}

/// A file that takes the bytes of one input after the other.
private enum Scratch {
  private static let folder = try? TemporaryFolder()

  static func file(holding bytes: [UInt8]) throws -> String {
    guard let folder else { throw BrokenPromise("no temporary folder") }
    let path = "\(folder.path)/input"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw BrokenPromise("cannot write \(path)") }
    return path
  }
}
