import Datasets
import Foundation
import Runtime
import Specification
import Store

/// A job file with all that it names, read and checked before anything is sent.
struct Submission {
  let name: String
  let path: String
  let yaml: String
  let specification: JobSpecification
  /// Bytes of the files the job reads, by the paths it gives.
  let inputs: [String: [UInt8]]

  /// Reads a job file and its inputs.
  /// - Parameter name: Replaces the name in the file.
  /// - Throws: `SpecificationError`, `StoreError` for a missing file, `CommandError` for unusable data.
  init(path: String, name: String?) throws {
    self.path = path
    let bytes = try Self.read(path, what: "The job file")
    specification = try JobSpecification(yaml: bytes, file: path)
    yaml = String(decoding: bytes, as: UTF8.self)
    self.name = name ?? specification.name
    guard JobSpecification.isName(self.name) else {
      throw CommandError(
        "--name \(self.name): a name is up to 63 of a-z, 0-9, -, . and _, and begins with a letter or digit.",
        exitCode: 64)
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    inputs = try specification.inputs.reduce(into: [:]) { inputs, input in
      let file = URL(fileURLWithPath: input.path, relativeTo: folder).path
      inputs[input.path] = try Self.read(file, what: "\(path): \(input.field)")
    }
    try checkData()
  }

  private static func read(_ path: String, what: String) throws -> [UInt8] {
    do throws(StoreError) {
      return try DurableFile.read(path)
    } catch {
      throw CommandError("\(what): \(error.message)", exitCode: 66)
    }
  }

  /// Bad data is found here, rather than by a worker on another host.
  private func checkData() throws {
    guard case .chains(let chains) = specification.work else { return }
    do throws(DatasetError) {
      _ = try RegressionData(chains.data, file: specification.inputs.first.flatMap { inputs[$0.path] })
    } catch {
      throw CommandError("\(path): data: \(error.message)", exitCode: 65)
    }
  }

  func submit(to client: Client) throws {
    try client.submit(name: name, file: path, yaml: yaml, inputs: inputs)
  }
}
