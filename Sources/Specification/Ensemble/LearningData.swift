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
    /// Pictures to learn from that are passed over before the first one.
    public var skip = 0
    /// What is kept of the last class to learn from, the others growing rarer towards it; nil keeps all of all.
    public var imbalance: Double?
    /// What becomes of all pictures; nil leaves them as they are.
    public var distortion: Distortion?

    /// Creates a description of pictures.
    public init(
      training: ImageDataSpecification, test: ImageDataSpecification, resolution: Int,
      limit: (training: Int?, test: Int?) = (nil, nil)
    ) {
      (self.training, self.test, self.resolution, self.limit) = (training, test, resolution, limit)
    }

    /// The pictures to learn from, of so many in their files, before the classes are made unequal.
    public func trainingNumbers(of count: Int) -> Range<Int> {
      min(skip, count)..<min(count, limit.training.map { skip + $0 } ?? count)
    }

    /// The pictures to judge by, of so many in their files.
    public func testNumbers(of count: Int) -> Range<Int> {
      hasTest ? 0..<min(count, limit.test ?? count) : trainingNumbers(of: count)
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.training == right.training && left.test == right.test && left.resolution == right.resolution
        && left.limit == right.limit && left.skip == right.skip && left.imbalance == right.imbalance
        && left.distortion == right.distortion
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
