/// Which pictures, with which captions and labels, a job learns from.
public struct ImageDataSpecification: Equatable, Sendable {
  /// Where the pictures come from.
  public var source: Source
  /// Samples of a pixel: 1 is grey, 3 are red, green and blue. Others are converted, transparency is laid over white.
  public var channels: Int
  /// How pictures become as wide as they are high.
  public var fit: ImageFit
  /// Columns of the caption table that make up a caption, joined by commas.
  public var captionColumns: [String]
  /// Pictures whose line of the caption table, or caption, contains one of these texts are left out.
  public var without: [String]
  /// Names of the classes, where the files give numbers only.
  public var classes: [String]
  /// What to do with a picture that cannot be read.
  public var onBadImage: FaultRule
  /// What to do with a picture without a caption in a set that has captions.
  public var onMissingCaption: FaultRule

  /// Creates a description of pictures.
  public init(
    source: Source, channels: Int = 3, fit: ImageFit = .crop, captionColumns: [String] = ["caption"],
    without: [String] = [], classes: [String] = [], onBadImage: FaultRule = .refuse,
    onMissingCaption: FaultRule = .refuse
  ) {
    (self.source, self.channels, self.fit, self.captionColumns) = (source, channels, fit, captionColumns)
    (self.without, self.classes) = (without, classes)
    (self.onBadImage, self.onMissingCaption) = (onBadImage, onMissingCaption)
  }

  /// Where pictures come from; paths are relative to the job file unless absolute.
  public enum Source: Equatable, Sendable {
    /// A folder, or a tar archive of one: pictures, and `captions.tsv` if they have captions.
    case folder(String)
    /// Tar archives of WebDataset's form: `key.png`, `key.txt`, `key.json`, `key.cls`.
    case shards([String])
    /// An idx file of pictures and one of labels.
    case idx(images: String, labels: String?)
    /// Files of CIFAR-10's binary records.
    case cifar([String])
  }

  /// The files and folders it names, with the settings that name them.
  public var inputs: [(path: String, setting: String)] {
    switch source {
    case .folder(let path): [(path, "folder")]
    case .shards(let paths): paths.map { ($0, "shards") }
    case .idx(let images, let labels): [(images, "images")] + (labels.map { [($0, "labels")] } ?? [])
    case .cifar(let paths): paths.map { ($0, "cifar") }
    }
  }
}

/// How a picture becomes as wide as it is high.
public enum ImageFit: String, CaseIterable, Codable, Sendable {
  /// Its middle square is taken.
  case crop
  /// It is laid on a white square.
  case pad
  /// It is stretched.
  case stretch
}

/// What a job does when something in its data is not as it should be.
public enum FaultRule: String, CaseIterable, Codable, Sendable {
  /// The job ends with an error.
  case refuse
  /// It is left out and counted.
  case skip
}

extension ImageDataSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    source = try Source(from: &section)
    let channelsField = section.optional("channels")
    channels = try channelsField?.integer(in: 1...3) ?? 3
    if channels == 2, let channelsField {
      throw channelsField.error(.outOfRange, "must be 1 (grey) or 3 (red, green, blue)")
    }
    fit = try section.optional("fit")?.choice() ?? .crop
    captionColumns = try section.optional("captionColumns")?.texts() ?? ["caption"]
    without = try section.optional("without")?.texts() ?? []
    classes = try section.optional("classes")?.texts(countMax: 100_000) ?? []
    onBadImage = try section.optional("onBadImage")?.choice() ?? .refuse
    onMissingCaption = try section.optional("onMissingCaption")?.choice() ?? .refuse
  }
}

extension ImageDataSpecification.Source {
  fileprivate init(from section: inout Section) throws(SpecificationError) {
    let folder = section.optional("folder")
    let shards = section.optional("shards")
    let images = section.optional("images")
    let labels = section.optional("labels")
    let cifar = section.optional("cifar")
    let given = [folder, shards, images, cifar].compactMap { $0 }
    if given.count > 1 {
      throw given[1].error(.conflict, "give one of `folder`, `shards`, `images` and `cifar`")
    }
    if let labels, images == nil { throw labels.error(.conflict, "belongs to `images`, which is missing") }
    if let shards {
      self = .shards(try shards.texts())
    } else if let images {
      self = .idx(images: try images.text(), labels: try labels?.text())
    } else if let cifar {
      self = .cifar(try cifar.texts())
    } else if let folder {
      self = .folder(try folder.text())
    } else {
      let advice = "name a folder of pictures, or give `shards`, `images` (idx) or `cifar`"
      self = .folder(try section.required("folder", advice).text())
    }
  }
}

extension Field {
  /// One text, or a list of texts.
  fileprivate func texts(countMax: Int = 4096) throws(SpecificationError) -> [String] {
    guard case .sequence = node else { return [try text()] }
    var texts: [String] = []
    for field in try list(countMax: countMax) { texts.append(try field.text()) }
    guard !texts.isEmpty else { throw error(.outOfRange, "must have at least one element") }
    return texts
  }
}
