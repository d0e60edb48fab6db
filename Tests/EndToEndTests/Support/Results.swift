import Foundation

/// The bytes of all results of a job, by their path in its folder (G4 names what is a result).
struct Results: Equatable, Sendable {
  let files: [String: [UInt8]]

  init(jobFolder: String) throws {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: jobFolder)
    files = try paths.reduce(into: [:]) { files, path in
      var isFolder: ObjCBool = false
      let file = "\(jobFolder)/\(path)"
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else { return }
      guard !path.hasPrefix("run/") else { return }
      files[path] = Array(try Data(contentsOf: URL(filePath: file)))
    }
  }

  /// What another run of the same job has differently; empty when every file has the same bytes.
  func differences(from other: Results) -> [String] {
    Set(files.keys).union(other.files.keys).sorted().compactMap { path in
      switch (files[path], other.files[path]) {
      case (nil, _): "\(path) is missing"
      case (_, nil): "\(path) should not be there"
      case (let mine?, let theirs?) where mine != theirs: "\(path) has other bytes"
      default: nil
      }
    }
  }
}
