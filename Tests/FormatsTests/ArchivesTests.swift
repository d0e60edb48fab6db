import Formats
import Foundation
import TestSupport
import Testing

@Suite struct ArchivesTests {
  @Test func aFolderTravelsAsTheSameBytes() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: "\(folder.path)/sub/.hidden", withIntermediateDirectories: true)
    let long = "sub/" + String(repeating: "long-", count: 40) + "näme.txt"
    for (name, text) in [
      ("b.txt", "two"), ("a.txt", ""), (long, String(repeating: "x", count: 700)), ("sub/.hidden/c", "no"),
    ] {
      try folder.write(text, as: name)
    }
    let bundle = try FileBundle(folder: folder.path)
    #expect(bundle.names == ["a.txt", "b.txt", long])
    let tar = try bundle.tar()
    #expect(try bundle.tar() == tar)
    #expect(tar.count.isMultiple(of: 512))
    let again = try FileBundle(tar: tar, file: "f.tar")
    #expect(again == bundle)
    // The system's tar reads it, and writes what we read (long names in its own way).
    try Data(tar).write(to: URL(filePath: "\(folder.path)/f.tar"))
    #expect(try run("tar -tf f.tar", in: folder.path) == bundle.names.map { "\($0)\n" }.joined())
    _ = try run("mkdir out && tar -C out -xf f.tar && tar -C out -czf g.tar.gz .", in: folder.path)
    let theirs = try FileBundle(path: "\(folder.path)/g.tar.gz")
    #expect(Set(theirs.names) == Set(bundle.names))
    #expect(bundle.names.allSatisfy { theirs[$0] == bundle[$0] })
    #expect(throws: FormatError.self) { try FileBundle(folder: folder.path, bytesMax: 100) }
    #expect(throws: FormatError.self) { try FileBundle(path: "\(folder.path)/none") }
  }

  @Test func aDamagedArchiveIsRefused() throws {
    var bundle = FileBundle()
    bundle.add("a.txt", Array("hello".utf8))
    bundle.add("b.bin", [UInt8](repeating: 7, count: 2000))
    let tar = try bundle.tar()
    for length in [100, 600, 1100, 2500] {
      let error = #expect(throws: FormatError.self) { try FileBundle(tar: Array(tar.prefix(length)), file: "s.tar") }
      #expect(error?.message.contains("s.tar: ") ?? false)
    }
    var damaged = tar
    damaged[3] ^= 1
    #expect(throws: FormatError.self) { try FileBundle(tar: damaged, file: "s.tar") }
  }

  @Test func compressedBytesAreRestoredOrRefused() throws {
    // "tributary\n", compressed by Python's gzip.
    let gzip: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 41, 202, 76, 42, 45, 73, 44, 170, 228, 2, 0, 31, 157, 138, 140, 10, 0, 0, 0,
    ]
    let text = try? decompressed(gzip, file: "x.gz")
    #expect(text.map { String(decoding: $0, as: UTF8.self) } == "tributary\n")
    #expect(try decompressed(gzip + gzip, file: "x.gz").count == 20)
    #expect(throws: FormatError.self) { try decompressed(gzip.dropLast(5), file: "x.gz") }
    #expect(throws: FormatError.self) { try decompressed(Array("plain text".utf8), file: "x.gz") }
    let error = #expect(throws: FormatError.self) { try decompressed(gzip, file: "x.gz", bytesMax: 9) }
    #expect(error?.message == "x.gz: it holds more than 9 bytes")
  }

  @Test func idxFilesAreChecked() throws {
    let header: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]
    let array = try IDXArray(file: header + [1, 2, 3, 4, 5, 6], name: "a.idx")
    #expect(array.shape == [2, 3])
    #expect(Array(array.bytes) == [1, 2, 3, 4, 5, 6])
    #expect(throws: FormatError.self) { try IDXArray(file: header + [1, 2], name: "a.idx") }
    #expect(throws: FormatError.self) { try IDXArray(file: [0, 0, 13, 1, 0, 0, 0, 0], name: "a.idx") }
    #expect(throws: FormatError.self) { try IDXArray(file: [], name: "a.idx") }
  }

  private func run(_ command: String, in folder: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self)
  }
}
