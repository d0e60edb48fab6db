import Datasets
import Runtime
import Specification
import Tensors

/// One division of a set as members see it: what they learn from, what is held out meanwhile, and what they are judged by.
struct LearningSet {
  private(set) var training: Examples
  /// Held out from the training part; nil if the job does not ask for it.
  let validation: Examples?
  let test: Examples
  /// Sizes of an input: channels, height, width, or the width of a row.
  let inputShape: [Int]
  /// Number of classes; nil for numbers to predict.
  let classes: Int?
  /// Names of the classes, as far as they have some.
  let classNames: [String]
  /// How the number to predict was standardised.
  let targetScaling: RegressionData.Scaling?
  private let scaling: PixelScaling?

  /// Reads a set.
  /// - Parameters:
  ///   - key: Chooses the validation part.
  ///   - read: Bytes of a file that came with the job.
  init(_ data: LearningData, split: Int, key: UInt64, read: (String) throws -> [UInt8]?) throws {
    switch data.source {
    case .pictures(let pictures): try self.init(pictures, validation: data.validation, key: key, read: read)
    case .table(let source, let splits):
      guard splits.indices.contains(split) else { throw WorkloadError("The set \(data.name) has no split \(split).") }
      let file: [UInt8]? = if case .file(let table) = source { try read(table.path) } else { nil }
      let table = try RegressionData(DataSpecification(source: source, split: splits[split]), file: file)
      try self.init(table, validation: data.validation, key: key)
    }
  }

  private init(
    _ pictures: LearningData.Pictures, validation: Double, key: UInt64, read: (String) throws -> [UInt8]?
  ) throws {
    let known = try ImageSet(pictures.training, read: read)
    let indices = Array(0..<min(known.count, pictures.limit.training ?? known.count))
    let loader = ImageLoader(known, width: pictures.resolution, height: pictures.resolution)
    let (learnt, heldOut) = Self.divided(indices, share: validation, key: key)
    let scaling = try PixelScaling(loader, learnt)
    training = Examples(loader, learnt, scaling)
    self.validation = heldOut.isEmpty ? nil : Examples(loader, heldOut, scaling)
    let test = try ImageSet(pictures.test, read: read)
    let testLoader = ImageLoader(test, width: pictures.resolution, height: pictures.resolution)
    self.test = Examples(testLoader, Array(0..<min(test.count, pictures.limit.test ?? test.count)), scaling)
    inputShape = [known.channels, pictures.resolution, pictures.resolution]
    (classes, classNames) = (max(known.classCount, test.classCount), known.classNames)
    (targetScaling, self.scaling) = (nil, scaling)
  }

  private init(_ table: RegressionData, validation: Double, key: UInt64) throws {
    let width = table.featureCount
    let (learnt, heldOut) = Self.divided(Array(table.training.rows.indices), share: validation, key: key)
    training = Examples(table.training.part(learnt, width: width), width: width)
    self.validation = heldOut.isEmpty ? nil : Examples(table.training.part(heldOut, width: width), width: width)
    test = Examples(table.test, width: width)
    (inputShape, classes, classNames) = ([width], nil, [])
    (targetScaling, scaling) = (table.targetScaling, nil)
  }

  /// The set with some of the examples to learn from, by their places among all.
  func learning(from places: [Int]) -> LearningSet {
    var set = self
    set.training = training.part(places)
    return set
  }

  /// The pictures that another set is judged by, brought to the size, channels and scale of this one.
  func foreign(_ data: LearningData, read: (String) throws -> [UInt8]?) throws -> Examples {
    guard case .pictures(let pictures) = data.source, let scaling else {
      throw WorkloadError("The set \(data.name) cannot be shown to a network for other data.")
    }
    var specification = pictures.test
    specification.channels = inputShape[0]
    let images = try ImageSet(specification, read: read)
    let loader = ImageLoader(images, width: inputShape[2], height: inputShape[1])
    return Examples(loader, Array(0..<min(images.count, pictures.limit.test ?? images.count)), scaling)
  }

  /// The name of a class, or else its number.
  func className(_ label: Int) -> String { classNames.indices.contains(label) ? classNames[label] : "\(label)" }

  /// A share of the numbers by chance, and the others; both in their order.
  private static func divided(_ numbers: [Int], share: Double, key: UInt64) -> (learnt: [Int], heldOut: [Int]) {
    let count = Int((Double(numbers.count) * share).rounded())
    guard count > 0, count < numbers.count else { return (numbers, []) }
    let order = ShuffledOrder(count: numbers.count, key: key)
    let chosen = Set((0..<count).map { order.index(at: $0) })
    return (
      numbers.enumerated().filter { !chosen.contains($0.offset) }.map(\.element),
      numbers.enumerated().filter { chosen.contains($0.offset) }.map(\.element)
    )
  }
}

extension RegressionData.Part {
  /// Some of the rows, by their places.
  fileprivate func part(_ places: [Int], width: Int) -> Self {
    Self(
      rows: places.map { rows[$0] }, inputs: places.flatMap { inputs[$0 * width..<($0 + 1) * width] },
      targets: places.map { targets[$0] })
  }
}
