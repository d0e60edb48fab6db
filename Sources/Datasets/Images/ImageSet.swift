import Formats
import Specification

/// Pictures with captions and labels, in a fixed order.
///
/// Pictures stay in the form of their files and are decoded when asked for; `ImageLoader` keeps those of one size.
public struct ImageSet: Sendable {
  /// Names the set in messages.
  public let name: String
  /// Samples of a pixel, 1 or 3.
  public let channels: Int
  /// Names of the classes; empty if there are no labels, or numbers only.
  public let classNames: [String]
  /// Pictures and captions that the job said to leave out if faulty, with the reason.
  public let skipped: [Fault]
  let fit: ImageFit
  let records: [Record]

  /// What is left out, and why.
  public struct Fault: Equatable, Sendable {
    /// Name of the picture.
    public let name: String
    /// What is wrong with it.
    public let reason: String
  }

  /// One picture as its file holds it.
  struct Record: Sendable {
    let name: String
    let pixels: Pixels
    var caption: String?
    var label: Int?
  }

  /// Where the samples of a picture are.
  enum Pixels: Sendable {
    /// A PNG, JPEG or WebP file.
    case file(ArraySlice<UInt8>)
    /// Samples in planes, a channel after the other.
    case planes(ArraySlice<UInt8>, width: Int, height: Int, channels: Int)
  }

  init(name: String, specification: ImageDataSpecification, found: Found) throws(DatasetError) {
    var (records, skipped) = (found.records, found.faults)
    if !specification.without.isEmpty {
      records.removeAll { record in specification.without.contains { record.caption?.contains($0) ?? false } }
    }
    if found.expectsCaptions || records.contains(where: { $0.caption != nil }) {
      try Self.leaveOutBare(&records, skipped: &skipped, rule: specification.onMissingCaption)
    }
    if specification.onBadImage == .skip {
      records.removeAll { record in
        do throws(FormatError) {
          _ = try record.picture()
          return false
        } catch {
          skipped.append(Fault(name: record.name, reason: error.message))
          return true
        }
      }
    }
    guard !records.isEmpty else {
      let reason = skipped.first.map { "; the first of \(skipped.count) left out: \($0.reason)" } ?? ""
      throw DatasetError(.image, "\(name): there are no pictures to learn from\(reason)")
    }
    let names = specification.classes.isEmpty ? found.classNames : specification.classes
    if !names.isEmpty, let record = records.first(where: { $0.label.map { $0 >= names.count } ?? false }) {
      throw DatasetError(
        .label,
        "\(name): \(shown(record.name)) has the label \(record.label ?? 0), but only \(names.count) classes have names")
    }
    self.name = name
    channels = specification.channels
    fit = specification.fit
    classNames = names
    (self.records, self.skipped) = (records, skipped)
  }

  /// What a source holds.
  struct Found {
    var records: [Record] = []
    var classNames: [String] = []
    var faults: [Fault] = []
    /// Whether each picture should have a caption, even if none has.
    var expectsCaptions = false
  }

  private static func leaveOutBare(
    _ records: inout [Record], skipped: inout [Fault], rule: FaultRule
  ) throws(DatasetError) {
    let bare = records.filter { $0.caption == nil }
    if let first = bare.first, rule == .refuse {
      let advice = "give it one, or write `onMissingCaption: skip` to leave such pictures out"
      throw DatasetError(
        .caption, "\(bare.count) pictures have no caption, the first is \(shown(first.name)); \(advice)")
    }
    records.removeAll { $0.caption == nil }
    skipped += bare.map { Fault(name: $0.name, reason: "it has no caption") }
  }
}

extension ImageSet {
  /// Number of pictures.
  public var count: Int { records.count }

  /// Whether every picture has a caption.
  public var hasCaptions: Bool { records.first?.caption != nil }

  /// Whether every picture has a label.
  public var hasLabels: Bool { records.allSatisfy { $0.label != nil } }

  /// Classes: the named ones, or one more than the largest label; 0 without labels.
  public var classCount: Int {
    classNames.isEmpty ? (records.compactMap(\.label).max().map { $0 + 1 } ?? 0) : classNames.count
  }

  /// Caption of a picture; nil in a set without captions.
  public func caption(at index: Int) -> String? { records[index].caption }

  /// Label of a picture, from 0; nil in a set without labels.
  public func label(at index: Int) -> Int? { records[index].label }

  /// File name of a picture, or its number in its file.
  public func pictureName(at index: Int) -> String { records[index].name }

  /// A picture in a size, fitted as the set's specification says, in the set's channels.
  ///
  /// Throws `DatasetError.Code.image` naming the file and what is wrong with it.
  public func image(at index: Int, width: Int, height: Int) throws(DatasetError) -> Image {
    do {
      let picture = try records[index].picture().flattened(channels: channels)
      return try picture.fitted(fit, width: width, height: height).resized(width: width, height: height)
    } catch {
      let advice = "repair or remove it, or write `onBadImage: skip`"
      throw DatasetError(.image, "\(name): \(error.message); \(advice)", cause: error)
    }
  }

  /// Decodes every picture once.
  ///
  /// Throws `DatasetError.Code.image` for the first that cannot be read.
  public func verify() throws(DatasetError) {
    for index in records.indices { _ = try image(at: index, width: 1, height: 1) }
  }
}

extension ImageSet.Record {
  /// The picture, decoded.
  func picture() throws(FormatError) -> Image {
    switch pixels {
    case .file(let bytes): return try Image(decoding: bytes, file: name)
    case .planes(let planes, let width, let height, let channels):
      let size = width * height
      var pixels = [UInt8](repeating: 0, count: size * channels)
      for channel in 0..<channels {
        for (at, sample) in planes.dropFirst(channel * size).prefix(size).enumerated() {
          pixels[at * channels + channel] = sample
        }
      }
      return try Image(width: width, height: height, channels: channels, pixels: pixels)
    }
  }
}

extension Image {
  /// The picture in the proportions of a size.
  fileprivate func fitted(_ fit: ImageFit, width: Int, height: Int) -> Image {
    guard fit != .stretch, self.width * height != self.height * width else { return self }
    let isTooWide = self.width * height > self.height * width
    switch fit {
    case .crop:
      return isTooWide
        ? croppedToMiddle(width: max(self.height * width / height, 1), height: self.height)
        : croppedToMiddle(width: self.width, height: max(self.width * height / width, 1))
    case .pad:
      return isTooWide
        ? padded(width: self.width, height: (self.width * height + width - 1) / width)
        : padded(width: (self.height * width + height - 1) / height, height: self.height)
    case .stretch: return self
    }
  }
}
