import Datasets
import Formats
import Tensors

/// Inputs with their targets, of which batches are made.
struct Examples {
  private let source: Source

  private enum Source {
    case pictures(ImageLoader, [Int], PixelScaling)
    case rows(inputs: [Float], width: Int, targets: [Float])
  }

  private init(source: Source) { self.source = source }

  /// Pictures of a set, by their numbers in it.
  init(_ loader: ImageLoader, _ indices: [Int], _ scaling: PixelScaling) {
    source = .pictures(loader, indices, scaling)
  }

  /// Rows of a table.
  init(_ part: RegressionData.Part, width: Int) {
    source = .rows(inputs: part.inputs.map { Float($0) }, width: width, targets: part.targets.map { Float($0) })
  }

  /// Number of examples.
  var count: Int {
    switch source {
    case .pictures(_, let indices, _): indices.count
    case .rows(_, _, let targets): targets.count
    }
  }

  /// Classes of the examples; empty for a table.
  var labels: [Int] {
    switch source {
    case .pictures(let loader, let indices, _): indices.map { loader.images.label(at: $0) ?? 0 }
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
    case .pictures(let loader, let indices, let scaling): Examples(loader, places.map { indices[$0] }, scaling)
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
    case .pictures(let loader, let indices, let scaling):
      let chosen = places.map { indices[$0] }
      let labels = chosen.map { Int64(loader.images.label(at: $0) ?? 0) }
      return (try scaling(loader.tensor(chosen)), try Tensor(labels))
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
    guard case .pictures(let loader, let indices, _) = source else { return nil }
    return try Image(
      width: loader.width, height: loader.height, channels: loader.images.channels,
      pixels: loader.pixels(at: indices[place]))
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
