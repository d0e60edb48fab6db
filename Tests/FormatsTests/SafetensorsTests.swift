import Formats
import Foundation
import Testing

/// A file with this header and so many bytes of data.
private func file(_ header: String, dataBytes: Int = 0) -> [UInt8] {
  littleEndianBytes(of: UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: dataBytes)
}

private func example() throws -> Safetensors {
  var file = Safetensors(metadata: ["format": "tributary", "a": "é\"\n"])
  file["step"] = try Safetensors.Tensor([7, -1], shape: [2])
  file["flags"] = try Safetensors.Tensor([true, false, true])
  file["weight"] = try Safetensors.Tensor([0.5, -2, .infinity, 1e-300, 3, 4], shape: [2, 3])
  file["half"] = try Safetensors.Tensor([Float(1.5)], shape: [])
  file["empty"] = try Safetensors.Tensor([Double](), shape: [0, 4])
  return file
}

private let python = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../.python/zarr2/bin/python")

@Suite struct SafetensorsTests {
  @Test func whatIsWrittenIsReadAgain() throws {
    let original = try example()
    let bytes = try original.encoded()
    let copy = try Safetensors(bytes: bytes)
    #expect(copy == original)
    #expect(try copy.encoded() == bytes)
    #expect(copy.names == ["empty", "flags", "half", "step", "weight"])
    #expect(try copy.tensor("weight").doubles() == [0.5, -2, .infinity, 1e-300, 3, 4])
    #expect(try copy.tensor("step").integerValues() == [7, -1])
    #expect(try copy.tensor("flags").booleans() == [true, false, true])
    #expect(try copy.tensor("half").floats() == [1.5])
    #expect(throws: FormatError.self) { try copy.tensor("step").doubles() }
    #expect(throws: FormatError.self) { try copy.tensor("bias") }
  }

  @Test func theLayoutIsPinned() throws {
    var value = Safetensors()
    value["b"] = try Safetensors.Tensor([true])
    value["a"] = try Safetensors.Tensor([1.0])
    let header =
      #"{"a":{"data_offsets":[0,8],"dtype":"F64","shape":[1]},"b":{"data_offsets":[8,9],"dtype":"BOOL","shape":[1]}}"#
    let expected = file(header + "    ") + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 1]
    #expect(try value.encoded() == expected)
    #expect((8 + header.utf8.count + 4).isMultiple(of: 8))
    value["__metadata__"] = try Safetensors.Tensor([true])
    #expect(throws: FormatError.self) { try value.encoded() }
  }

  @Test func brokenFilesAreRefused() throws {
    let one = #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#
    let cases: [(bytes: [UInt8], problem: String)] = [
      ([], "it ends within the header's length"),
      ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "its header claims 18446744073709551615 bytes, over 100 MB"),
      (Array(file("{}").dropLast()), "it ends within the header"),
      (file("[]"), "its header is not a JSON object"),
      (file(" {}"), "its header is not a JSON object"),
      (file("{]"), "its header is not valid JSON at byte 1: expected a string"),
      (
        file(one + "," + one.dropFirst() + "}", dataBytes: 4),
        "its header is not valid JSON at byte 104: a key is given twice"
      ),
      (file(one + "}", dataBytes: 3), "it ends within tensor \"a\""),
      (file(one + "}", dataBytes: 5), "1 bytes follow the last tensor"),
      (file("{}", dataBytes: 1), "1 bytes follow the last tensor"),
      (
        file(one + #","b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#, dataBytes: 6),
        "tensor \"b\" overlaps another or leaves a hole"
      ),
      (
        file(one + #","b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}"#, dataBytes: 6),
        "tensor \"b\" overlaps another or leaves a hole"
      ),
      (
        file(#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}"#, dataBytes: 4),
        "tensor \"a\": F64 of shape [1] takes 8 bytes, not 4"
      ),
      (
        file(#"{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#),
        "tensor \"a\": a tensor of shape [4294967296, 4294967296] is too large or has a negative length"
      ),
      (
        file(#"{"a":{"dtype":"Q8","shape":[],"data_offsets":[0,1]}}"#, dataBytes: 1),
        "tensor \"a\" has the unknown dtype \"Q8\""
      ),
      (
        file(#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, dataBytes: 1),
        "tensor \"a\" needs a dtype, a shape and two data_offsets"
      ),
      (
        file(#"{"a":{"dtype":"U8","shape":[],"data_offsets":[1,0]}}"#, dataBytes: 1),
        "tensor \"a\" needs a dtype, a shape and two data_offsets"
      ),
      (file(#"{"__metadata__":{"a":1}}"#), "its metadata is not an object of texts"),
    ]
    for (bytes, problem) in cases {
      let error = try #require(throws: FormatError.self) { try Safetensors(bytes: bytes) }
      #expect(error.message == "not a valid safetensors file: \(problem)")
    }
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: python.path), "no .python/zarr2; run Scripts/setup --python"))
  func pythonReadsTheSame() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "tributary-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(example().encoded()).write(to: path)
    let script = """
      import sys, numpy as np
      from safetensors import safe_open
      with safe_open(sys.argv[1], framework="numpy") as f:
          assert f.metadata() == {"format": "tributary", "a": 'é"\\n'}, f.metadata()
          assert sorted(f.keys()) == ["empty", "flags", "half", "step", "weight"], f.keys()
          w = f.get_tensor("weight")
          assert w.dtype == np.float64 and (w == [[0.5, -2, np.inf], [1e-300, 3, 4]]).all(), w
          assert f.get_tensor("step").tolist() == [7, -1]
          assert f.get_tensor("flags").tolist() == [True, False, True]
          assert f.get_tensor("half").shape == () and f.get_tensor("half") == np.float32(1.5)
          assert f.get_tensor("empty").shape == (0, 4)
      print("read")
      """
    let process = Process()
    process.executableURL = python
    process.arguments = ["-W", "error", "-c", script, path.path]
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text == "read\n", "\(text)")
  }
}
