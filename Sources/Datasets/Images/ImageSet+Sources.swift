import Formats
import Specification

extension ImageSet {
  /// Reads the pictures that a job names; `files` has the bytes of each of the specification's `inputs` by its path, a folder
  /// as a tar archive of it (`FileBundle.tar()`).
  ///
  /// Throws `DatasetError`: a file that is missing or not what it should be, no pictures, and what the specification says to
  /// refuse.
  public init(_ specification: ImageDataSpecification, files: [String: [UInt8]]) throws(DatasetError) {
    func bytes(_ path: String) throws(DatasetError) -> [UInt8] {
      if let bytes = files[path] { return bytes }
      throw DatasetError(.missingFile, "\(path): the file of the job was not supplied")
    }
    let found: Found
    let name: String
    do {
      switch specification.source {
      case .folder(let path):
        name = path
        found = try Self.folder(FileBundle(tar: bytes(path), file: path), path: path, specification)
      case .shards(let paths):
        name = paths[0]
        var records: [Record] = []
        for path in paths { records += try Self.shard(FileBundle(tar: bytes(path), file: path), path: path) }
        found = Found(records: records)
      case .idx(let images, let labels):
        name = images
        let labels = try labels.map { path in (path, try bytes(path)) }
        found = try Self.idx((images, bytes(images)), labels: labels, classes: specification.classes)
      case .cifar(let paths):
        name = paths[0]
        var records: [Record] = []
        for path in paths { records += try Self.cifar(bytes(path), path: path, classes: specification.classes) }
        found = Found(records: records)
      }
    } catch let error as DatasetError {
      throw error
    } catch {
      throw DatasetError(.image, "\(error)", cause: error)
    }
    try self.init(name: name, specification: specification, found: found)
  }

  /// An idx file of pictures `[n, rows, columns]`, and one of labels `[n]`.
  private static func idx(
    _ images: (path: String, bytes: [UInt8]), labels: (path: String, bytes: [UInt8])?, classes: [String]
  ) throws -> Found {
    let pictures = try IDXArray(file: images.bytes, name: images.path)
    guard pictures.shape.count == 3, pictures.shape[1] > 0, pictures.shape[2] > 0 else {
      throw DatasetError(.image, "\(images.path): an array of shape \(pictures.shape) is no list of pictures")
    }
    let (count, height, width) = (pictures.shape[0], pictures.shape[1], pictures.shape[2])
    var numbers: ArraySlice<UInt8>?
    if let labels {
      let array = try IDXArray(file: labels.bytes, name: labels.path)
      guard array.shape == [count] else {
        throw DatasetError(.label, "\(labels.path): labels of shape \(array.shape) for \(count) pictures")
      }
      numbers = array.bytes
    }
    let start = pictures.bytes.startIndex
    let records = (0..<count).map { index in
      let range = start + index * height * width..<start + (index + 1) * height * width
      let label = numbers.map { Int($0[$0.startIndex + index]) }
      return Record(
        name: "\(index)", pixels: .planes(pictures.bytes[range], width: width, height: height, channels: 1),
        caption: label.flatMap { $0 < classes.count ? classes[$0] : nil }, label: label)
    }
    return Found(records: records)
  }

  /// Records of CIFAR-10 (Krizhevsky 2009): a label, then red, green and blue planes of 32 by 32.
  private static func cifar(_ bytes: [UInt8], path: String, classes: [String]) throws -> [Record] {
    let plain = try gunzippedIfNeeded(bytes, file: path)
    let length = 1 + 3 * 32 * 32
    guard !plain.isEmpty, plain.count.isMultiple(of: length) else {
      throw DatasetError(
        .image, "\(path): \(plain.count) bytes are not a whole number of CIFAR-10's records of \(length)")
    }
    return (0..<plain.count / length).map { index in
      let label = Int(plain[index * length])
      return Record(
        name: "\(path) \(index)",
        pixels: .planes(plain[index * length + 1..<(index + 1) * length], width: 32, height: 32, channels: 3),
        caption: label < classes.count ? classes[label] : nil, label: label)
    }
  }

  /// A shard of WebDataset: files of one key, the part of the name before the first point of the last component, make a sample.
  private static func shard(_ files: FileBundle, path: String) throws -> [Record] {
    var order: [String] = []
    var samples: [String: [(ending: String, bytes: ArraySlice<UInt8>)]] = [:]
    for name in files.names {
      let folder = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
      guard let point = name[folder...].firstIndex(of: "."), let bytes = files[name] else { continue }
      let key = String(name[..<point])
      if samples[key] == nil { order.append(key) }
      samples[key, default: []].append((name[name.index(after: point)...].lowercased(), bytes))
    }
    var records: [Record] = []
    for key in order {
      let parts = samples[key] ?? []
      guard let image = parts.first(where: { Self.endings.contains($0.ending) }) else { continue }
      var record = Record(name: "\(key).\(image.ending)", pixels: .file(image.bytes))
      for part in parts { try record.take(part, key: key, path: path) }
      records.append(record)
    }
    return records
  }

  /// Endings of the names of pictures.
  static let endings: Set<String> = ["png", "jpg", "jpeg", "webp"]
}

extension ImageSet.Record {
  /// Takes a caption or label from a file of the sample.
  fileprivate mutating func take(_ part: (ending: String, bytes: ArraySlice<UInt8>), key: String, path: String) throws {
    let text = {
      oneLine(
        String(decoding: part.bytes, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: " "),
        limit: 4096)
    }
    switch part.ending {
    case "txt": caption = text().nonEmpty
    case "cls":
      guard let number = Int(text().filter { !$0.isWhitespace }), number >= 0 else {
        throw DatasetError(.label, "\(path): \(key).cls holds \(shown(text())), not the number of a class")
      }
      label = number
    case "json":
      guard case .object(let members) = try JSON(bytes: part.bytes) else { return }
      if caption == nil, case .string(let text) = members["caption"] ?? members["text"] { caption = text.nonEmpty }
      if label == nil, case .integer(let number) = members["label"] ?? members["cls"], number >= 0 { label = number }
    default: break
    }
  }
}

extension String {
  /// The text, or nil if there is none.
  var nonEmpty: String? { allSatisfy(\.isWhitespace) ? nil : self }
}
