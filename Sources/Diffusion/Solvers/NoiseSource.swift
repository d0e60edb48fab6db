import Tensors

/// Where standard normal numbers come from.
public protocol NoiseSource {
  /// The numbers of one draw.
  /// - Parameters:
  ///   - shape: [n, ..].
  ///   - step: the solver's step.
  ///   - draw: which draw of the step, from 0.
  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor
}

/// Noise that depends on key, image and step alone: an image comes out the same in whatever batch, on whatever worker and
/// after however many interruptions.
public struct KeyedNoise: NoiseSource {
  private let key: RandomKey
  private let images: [UInt64]

  /// Makes the noise of a batch.
  /// - Parameter images: a number for each image of the batch, in order.
  public init(key: RandomKey, images: [UInt64]) {
    self.key = key
    self.images = images
  }

  /// The noise that sampling starts from, [n, ..].
  public func initial(shape: [Int], type: DataType = .float32) throws -> Tensor {
    try drawn(shape, type) { $0.purpose("initial") }
  }

  public func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor {
    try drawn(shape, type) { $0.purpose("step").folding(in: UInt64(step)).folding(in: UInt64(draw)) }
  }

  private func drawn(_ shape: [Int], _ type: DataType, _ child: (RandomKey) -> RandomKey) throws -> Tensor {
    guard shape.first == images.count else {
      throw DiffusionError(
        .invalidArgument, "the noise is for \(images.count) images, the batch has the shape \(shape)")
    }
    let one = [1] + shape.dropFirst()
    let parts = try images.map { image throws(TensorError) in
      try Tensor.normals(key: child(key.folding(in: image)), shape: one, type: type)
    }
    return try .concatenated(parts, along: 0)
  }
}

extension NoiseSource {
  /// The first (or another) draw of a state's next step, of the sample's shape and type.
  func normals(for state: SolverState, draw: Int = 0) throws -> Tensor {
    try normals(shape: state.sample.shape, type: state.sample.type, step: state.step, draw: draw)
  }
}
