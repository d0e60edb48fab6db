import Datasets
import Formats
import Runtime
import Tensors

/// Inputs with their targets, of which batches are made.
struct Examples {
  private let source: Source

  private init(source: Source) { self.source = source }

  private enum Source {
    case pictures([Picture], PixelScaling)
    case rows(inputs: [Float], width: Int, targets: [Float])
  }

  /// A picture by its number in a set, with its class; all of one `Examples` have the same size.
  private struct Picture {
    let loader: ImageLoader
    let index: Int
    let label: Int
  }

  /// Pictures of a set, by their numbers in it.
  init(_ loader: ImageLoader, _ indices: [Int], _ scaling: PixelScaling) {
    source = .pictures(
      indices.map { Picture(loader: loader, index: $0, label: loader.images.label(at: $0) ?? 0) }, scaling)
  }

  /// Rows of a table.
  init(_ part: RegressionData.Part, width: Int) {
    source = .rows(inputs: part.inputs.map { Float($0) }, width: width, targets: part.targets.map { Float($0) })
  }

  /// Number of examples.
  var count: Int {
    switch source {
    case .pictures(let pictures, _): pictures.count
    case .rows(_, _, let targets): targets.count
    }
  }

  /// Classes of the examples; empty for a table.
  var labels: [Int] {
    switch source {
    case .pictures(let pictures, _): pictures.map(\.label)
    case .rows: []
    }
  }

  /// Numbers to predict, standardised; empty for pictures.
  var values: [Double] {
    switch source {
    case .pictures: []
    case .rows(_, _, let targets): targets.map(Double.init)
    }
  }

  /// Some of the examples, by their places among these.
  func part(_ places: [Int]) -> Examples {
    switch source {
    case .pictures(let pictures, let scaling):
      Examples(source: .pictures(places.map { pictures[$0] }, scaling))
    case .rows(let inputs, let width, let targets):
      Examples(
        source: .rows(
          inputs: places.flatMap { inputs[$0 * width..<($0 + 1) * width] }, width: width,
          targets: places.map { targets[$0] }))
    }
  }

  /// Inputs and targets of some examples: pictures [n, channels, height, width] with labels int64 [n], or rows [n, width] with
  /// numbers [n].
  func batch(_ places: [Int]) throws -> (inputs: Tensor, targets: Tensor) {
    switch source {
    case .pictures(let pictures, let scaling):
      let chosen = places.map { pictures[$0] }
      guard let loader = chosen.first?.loader else { throw WorkloadError("A batch has no pictures.") }
      let size = (width: loader.width, height: loader.height, channels: loader.images.channels)
      var samples: [UInt8] = []
      samples.reserveCapacity(chosen.count * size.width * size.height * size.channels)
      for picture in chosen { samples += try picture.loader.pixels(at: picture.index) }
      let tensor = try Tensor.pictures(samples, height: size.height, width: size.width, channels: size.channels)
      return (try scaling(tensor), try Tensor(chosen.map { Int64($0.label) }))
    case .rows(let inputs, let width, let targets):
      let rows = places.flatMap { inputs[$0 * width..<($0 + 1) * width] }
      return (try Tensor(rows, shape: [places.count, width]), try Tensor(places.map { targets[$0] }))
    }
  }

  /// The examples in their order, a batch at a time.
  func inBatches(of size: Int, _ body: (_ inputs: Tensor, _ targets: Tensor) throws -> Void) throws {
    for start in stride(from: 0, to: count, by: size) {
      let (inputs, targets) = try batch(Array(start..<min(count, start + size)))
      try body(inputs, targets)
    }
  }

  /// The picture of an example, as the set has it; nil for a row of a table.
  func picture(at place: Int) throws -> Image? {
    guard case .pictures(let pictures, _) = source else { return nil }
    let loader = pictures[place].loader
    return try Image(
      width: loader.width, height: loader.height, channels: loader.images.channels,
      pixels: loader.pixels(at: pictures[place].index))
  }

  /// These pictures and then some of others, which count as of the given classes.
  func joined(with others: Examples, at places: [Int], labels: [Int]) throws -> Examples {
    guard case .pictures(let own, let scaling) = source, case .pictures(let more, _) = others.source else {
      throw WorkloadError("Only pictures can be joined.")
    }
    let added = zip(places, labels).map { place, label in
      Picture(loader: more[place].loader, index: more[place].index, label: label)
    }
    return Examples(source: .pictures(own + added, scaling))
  }
}

/// What pictures are standardised with: mean and standard deviation of each channel.
struct PixelScaling {
  private let means: [Double]
  private let deviations: [Double]
  /// Pictures that they are taken from at most.
  private static let picturesMax = 10_000

  /// The scaling by which the first pictures of a training part have mean 0 and deviation 1.
  init(_ loader: ImageLoader, _ indices: [Int]) throws {
    let channels = loader.images.channels
    var sums = [Int](repeating: 0, count: channels)
    var squares = sums
    var count = 0
    for index in indices.prefix(Self.picturesMax) {
      let pixels = try loader.pixels(at: index)
      for (place, pixel) in pixels.enumerated() {
        sums[place % channels] += Int(pixel)
        squares[place % channels] += Int(pixel) * Int(pixel)
      }
      count += pixels.count / channels
    }
    let total = Double(max(count, 1))
    means = sums.map { Double($0) / total / 127.5 - 1 }
    deviations = zip(sums, squares).map { sum, square in
      let mean = Double(sum) / total
      return max((Double(square) / total - mean * mean).squareRoot(), 1) / 127.5
    }
  }

  /// Pictures [n, channels, height, width] in −1…1, standardised.
  func callAsFunction(_ pictures: Tensor) throws -> Tensor {
    let shape = [1, means.count, 1, 1]
    return try (pictures - Tensor(means.map { Float($0) }, shape: shape))
      * Tensor(deviations.map { Float(1 / $0) }, shape: shape)
  }
}
