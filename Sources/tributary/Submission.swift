import Datasets
import Formats
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
  /// Bytes of the files the job reads, by the paths it gives; a folder as a tar archive.
  let inputs: [String: [UInt8]]
  /// Files the job reads that are in the store already.
  var stored: [String: Digest] = [:]

  /// Reads a job file and its inputs.
  /// - Parameters:
  ///   - name: Replaces the name in the file.
  ///   - isFull: Whether the changes below the file's key `full` are taken in.
  /// - Throws: `SpecificationError`, `StoreError` for a missing file, `CommandError` for unusable data.
  init(path: String, name: String?, isFull: Bool) throws {
    self.path = path
    let bytes = try Self.read(path, what: "The job file")
    yaml =
      isFull ? try JobSpecification.fullSize(yaml: bytes, file: path) : String(decoding: bytes, as: UTF8.self)
    specification = try JobSpecification(yaml: yaml, file: path)
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

  /// A job that is given files of another.
  init(name: String, yaml: String, stored: [String: Digest]) throws {
    (self.name, path, self.yaml, self.stored) = (name, "\(name).yaml", yaml, stored)
    specification = try JobSpecification(yaml: yaml, file: path)
    inputs = [:]
  }

  private static func read(_ path: String, what: String) throws -> [UInt8] {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      do throws(FormatError) {
        return try FileBundle(folder: path).tar()
      } catch {
        throw CommandError("\(what): \(error.message)", exitCode: 66)
      }
    }
    do throws(StoreError) {
      return try DurableFile.read(path)
    } catch {
      throw CommandError("\(what): \(error.message)", exitCode: 66)
    }
  }

  /// Bad data is found here, rather than by a worker on another host.
  private func checkData() throws {
    do {
      switch specification.work {
      case .chains(let chains):
        _ = try RegressionData(chains.data, file: specification.inputs.first.flatMap { inputs[$0.path] })
      case .cascade(let cascade): try check(cascade)
      case .ensemble(let ensemble): try check(ensemble)
      case .acquisition(let acquisition):
        var verified: [ImageDataSpecification] = []
        _ = try check(acquisition.data, labels: acquisition.labels.last, &verified)
      case .probe: break
      }
    } catch let error as DatasetError {
      throw CommandError("\(path): data: \(error.message)", exitCode: 65)
    }
    try checkEncoder()
  }

  private func check(_ job: EnsembleSpecification) throws {
    var classes: [String: Int] = [:]
    var verified: [ImageDataSpecification] = []
    for data in job.data {
      let isLabelled = job.ensembles.contains { $0.data == data.name || $0.shifted.contains(data.name) }
      classes[data.name] = try check(data, labels: isLabelled ? 0 : nil, &verified)
    }
    for (number, one) in job.ensembles.enumerated() {
      let known = classes[one.data] ?? 0
      for name in one.shifted where (classes[name] ?? 0) > known {
        throw CommandError(
          """
          \(path): ensembles[\(number)].shifted: \(name) has labels of \(classes[name] ?? 0) classes, but \(one.data) only of \
          \(known); name sets of the same classes
          """, exitCode: 65)
      }
    }
  }

  /// The number of classes of a set; 0 without labels. Pictures that several sets have are decoded once.
  /// - Parameter labels: Labels to learn from that there must be; nil does without.
  private func check(
    _ data: LearningData, labels: Int?, _ verified: inout [ImageDataSpecification]
  ) throws -> Int {
    var classes = 0
    switch data.source {
    case .table(let source, let splits):
      let file: [UInt8]? = if case .file(let table) = source { inputs[table.path] } else { nil }
      for split in splits { _ = try RegressionData(DataSpecification(source: source, split: split), file: file) }
    case .pictures(let pictures):
      for part in [pictures.training, pictures.test] {
        let images = try ImageSet(part, files: inputs)
        if labels != nil || pictures.imbalance != nil {
          try images.requireLabels(part == pictures.training ? labels ?? 0 : 0)
        }
        if !verified.contains(part) { try images.verify() }
        verified.append(part)
        classes = max(classes, images.classCount)
        if part == pictures.training, pictures.trainingNumbers(of: images.count).isEmpty {
          throw CommandError(
            "\(path): data: the set \(data.name) has \(images.count) pictures to learn from; `skip` fewer", exitCode: 65
          )
        }
      }
    }
    return classes
  }

  private func check(_ cascade: CascadeSpecification) throws(DatasetError) {
    let pictures = try ImageSet(cascade.data, files: inputs)
    try pictures.require(cascade.condition)
    try pictures.verify()
    guard !pictures.skipped.isEmpty else { return }
    print(
      "\(pictures.skipped.count) of the pictures are left out; the first: \(pictures.skipped[0].name): \(pictures.skipped[0].reason)"
    )
  }

  /// Whether the folder of the text encoder has weights; only a worker can read them.
  private func checkEncoder() throws {
    guard case .cascade(let cascade) = specification.work, let text = cascade.text, let folder = inputs[text.encoder]
    else { return }
    let files = try FileBundle(tar: folder, file: text.encoder)
    for name in ["config.json", "model.safetensors"] where files[name] == nil {
      throw CommandError(
        """
        \(path): text.encoder: \(text.encoder) has no \(name). Name a folder of a whole encoder; `Scripts/setup \
        --text-encoder` puts one in place.
        """, exitCode: 66)
    }
  }

  func submit(to client: Client) throws {
    try client.submit(name: name, file: path, yaml: yaml, inputs: inputs, stored: stored)
  }
}
