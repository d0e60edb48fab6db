import Datasets
import Runtime
import Specification
import Tensors

/// One division of a set as members see it: what they learn from, what is held out meanwhile, and what they are judged by.
struct LearningSet {
  var training: Examples
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
  ///   - key: Chooses the validation part, and whatever else is left to chance.
  ///   - read: Bytes of a file that came with the job.
  init(_ data: LearningData, split: Int, key: RandomKey, read: (String) throws -> [UInt8]?) throws {
    switch data.source {
    case .pictures(let pictures): try self.init(data, pictures, key: key, read: read)
    case .table(let source, let splits):
      guard splits.indices.contains(split) else { throw WorkloadError("The set \(data.name) has no split \(split).") }
      let file: [UInt8]? = if case .file(let table) = source { try read(table.path) } else { nil }
      let table = try RegressionData(DataSpecification(source: source, split: splits[split]), file: file)
      try self.init(table, validation: data.validation, key: data.validationKey(key))
    }
  }

  private init(
    _ data: LearningData, _ pictures: LearningData.Pictures, key: RandomKey, read: (String) throws -> [UInt8]?
  ) throws {
    let size = (pictures.resolution, pictures.resolution)
    let known = try data.loader(pictures, .training, pictures.training, size, key: key, read: read)
    let (learnt, heldOut) = data.division(pictures, of: known.images, key: key)
    let scaling = try PixelScaling(known, learnt)
    training = Examples(known, learnt, scaling)
    validation = heldOut.isEmpty ? nil : Examples(known, heldOut, scaling)
    let judging = try data.loader(pictures, .test, pictures.test, size, key: key, read: read)
    test = Examples(judging, Array(pictures.testNumbers(of: judging.images.count)), scaling)
    inputShape = [known.images.channels, pictures.resolution, pictures.resolution]
    (classes, classNames) = (max(known.images.classCount, judging.images.classCount), known.images.classNames)
    (targetScaling, self.scaling) = (nil, scaling)
  }

  private init(_ table: RegressionData, validation: Double, key: UInt64) throws {
    let width = table.featureCount
    let (learnt, heldOut) = divided(Array(table.training.rows.indices), share: validation, key: key)
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

  /// A part of the pictures of a set.
  enum Part: String {
    /// Those to learn from, without those that are held out.
    case training
    /// Those to judge by.
    case test
  }

  /// A part of another set, brought to the size, channels and scale of this one.
  func foreign(
    _ data: LearningData, part: Part, key: RandomKey, read: (String) throws -> [UInt8]?
  ) throws -> Examples {
    guard case .pictures(let pictures) = data.source, let scaling else {
      throw WorkloadError("The set \(data.name) cannot be shown to a network for other data.")
    }
    var specification = part == .training ? pictures.training : pictures.test
    specification.channels = inputShape[0]
    let loader = try data.loader(pictures, part, specification, (inputShape[2], inputShape[1]), key: key, read: read)
    let count = loader.images.count
    let numbers =
      part == .training
      ? data.division(pictures, of: loader.images, key: key).learnt : Array(pictures.testNumbers(of: count))
    return Examples(loader, numbers, scaling)
  }

  /// The name of a class, or else its number.
  func className(_ label: Int) -> String { classNames.indices.contains(label) ? classNames[label] : "\(label)" }
}

/// A share of the numbers by chance, and the others; both in their order.
private func divided(_ numbers: [Int], share: Double, key: UInt64) -> (learnt: [Int], heldOut: [Int]) {
  let count = Int((Double(numbers.count) * share).rounded())
  guard count > 0, count < numbers.count else { return (numbers, []) }
  let order = ShuffledOrder(count: numbers.count, key: key)
  let chosen = Set((0..<count).map { order.index(at: $0) })
  return (
    numbers.enumerated().filter { !chosen.contains($0.offset) }.map(\.element),
    numbers.enumerated().filter { chosen.contains($0.offset) }.map(\.element)
  )
}

extension LearningData {
  fileprivate func validationKey(_ key: RandomKey) -> UInt64 { key.purpose("validation").purpose(name).bits }

  /// The pictures to learn from and those held out, by their numbers.
  fileprivate func division(
    _ pictures: Pictures, of images: ImageSet, key: RandomKey
  ) -> (learnt: [Int], heldOut: [Int]) {
    var numbers = Array(pictures.trainingNumbers(of: images.count))
    if let imbalance = pictures.imbalance {
      numbers = images.longTailed(numbers, imbalance: imbalance, key: key.purpose("imbalance").purpose(name).bits)
    }
    return divided(numbers, share: validation, key: validationKey(key))
  }

  /// The pictures of a part in a size, as the set's distortion leaves them.
  fileprivate func loader(
    _ pictures: Pictures, _ part: LearningSet.Part, _ specification: ImageDataSpecification,
    _ size: (width: Int, height: Int), key: RandomKey, read: (String) throws -> [UInt8]?
  ) throws -> ImageLoader {
    let images = try ImageSet(specification, read: read)
    guard let distortion = pictures.distortion else {
      return ImageLoader(images, width: size.width, height: size.height)
    }
    let key = key.purpose("distortion").purpose(name).purpose(part.rawValue)
    return ImageLoader(images, width: size.width, height: size.height) { index, samples in
      distortion(samples, width: size.width, height: size.height, channels: images.channels) {
        key.folding(in: UInt64(index)).normals(count: $0)
      }
    }
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
