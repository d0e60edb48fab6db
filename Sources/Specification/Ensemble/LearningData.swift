/// A named set to learn from: pictures with classes, or a table with a number to predict; with the part that is held out to judge
/// by.
public struct LearningData: Equatable, Sendable {
  /// Name by which ensembles refer to it.
  public var name: String
  /// Where it comes from.
  public var source: Source
  /// Share of the training part that members do not learn from, in 0…1: for early stopping and the weights of a fusion.
  public var validation: Double

  /// Where a set comes from.
  public enum Source: Equatable, Sendable {
    case pictures(Pictures)
    /// Tables with the rows that are held out, one for each split.
    case table(DataSpecification.Source, splits: [DataSpecification.Split])
  }

  /// Pictures with classes.
  public struct Pictures: Equatable, Sendable {
    /// The pictures to learn from.
    public var training: ImageDataSpecification
    /// The pictures to judge by; those to learn from, in a set that nothing learns from.
    public var test: ImageDataSpecification
    /// Whether the pictures to judge by are others than those to learn from.
    public var hasTest: Bool { test != training }
    /// Width and height that all are brought to.
    public var resolution: Int
    /// The first so many pictures to learn from, and to judge by; nil takes all.
    public var limit: (training: Int?, test: Int?)

    /// Creates a description of pictures.
    public init(
      training: ImageDataSpecification, test: ImageDataSpecification, resolution: Int,
      limit: (training: Int?, test: Int?) = (nil, nil)
    ) {
      (self.training, self.test, self.resolution, self.limit) = (training, test, resolution, limit)
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.training == right.training && left.test == right.test && left.resolution == right.resolution
        && left.limit == right.limit
    }
  }

  /// Creates a set.
  public init(name: String, source: Source, validation: Double = 0) {
    (self.name, self.source, self.validation) = (name, source, validation)
  }

  /// Whether classes are learnt, rather than numbers to predict.
  public var hasClasses: Bool { if case .pictures = source { true } else { false } }

  /// Divisions into training and test part that are learnt from one after the other; pictures have one.
  public var splits: Int {
    switch source {
    case .pictures: 1
    case .table(_, let splits): splits.count
    }
  }

  /// The files that it names, with the settings that name them.
  var inputs: [(path: String, setting: String)] {
    switch source {
    case .pictures(let pictures):
      pictures.training.inputs + pictures.test.inputs.map { ($0.path, "test.\($0.setting)") }
    case .table(.file(let table), _): [(table.path, "file")]
    case .table(.shipped, _): []
    }
  }
}

extension LearningData: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let nameField = try section.required("name", "name the set, such as `name: digits`")
    let name = try nameField.text(bytesMax: 63)
    guard JobSpecification.isName(name) else {
      throw nameField.error(.outOfRange, "\(quoted(name)) cannot name a set; \(JobSpecification.nameRule)")
    }
    let isTable = section.optional("set") != nil || section.optional("file") != nil
    self.init(
      name: name, source: isTable ? try Self.table(from: &section) : .pictures(try Pictures(from: &section)))
    validation = try section.optional("validation")?.number(in: 0...0.5) ?? validation
  }

  /// A table of one split, or a shipped one of its first so many.
  private static func table(from section: inout Section) throws(SpecificationError) -> Source {
    let splits = section.optional("splits")
    let table = try DataSpecification(from: &section)
    guard let splits else { return .table(table.source, splits: [table.split]) }
    guard case .shipped = table.source, section.optional("split") == nil else {
      throw splits.error(.conflict, "counts the standard splits of a shipped set; leave it out, or leave out `split`")
    }
    return .table(table.source, splits: (0..<(try splits.integer(in: 1...20))).map { .standard($0) })
  }
}

extension LearningData.Pictures: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let training = try ImageDataSpecification(from: &section)
    let given = try section.optional("test").map { (field) throws(SpecificationError) in try TestPictures(from: field) }
    var test = given?.pictures ?? training
    // Pictures to judge by are read as those to learn from.
    (test.channels, test.fit, test.classes) = (training.channels, training.fit, training.classes)
    self.init(
      training: training, test: test,
      resolution: try section.required("resolution", "give width and height, such as `resolution: 28`")
        .integer(in: 4...1024))
    let first = try section.optional("limit")?.integer(in: 1...100_000_000)
    limit = (first, given == nil ? first : given?.limit)
  }

  /// The `test` section.
  private struct TestPictures {
    let pictures: ImageDataSpecification
    let limit: Int?

    init(from field: Field) throws(SpecificationError) {
      var section = try Section(field)
      pictures = try ImageDataSpecification(from: &section)
      limit = try section.optional("limit")?.integer(in: 1...100_000_000)
      try section.finish()
    }
  }
}
