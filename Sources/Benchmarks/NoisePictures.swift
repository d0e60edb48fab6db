import Tensors

/// Pictures of 28 × 28 that are noise, with labels that have nothing to do with them, in shuffled batches.
struct NoisePictures {
  static let (batch, count) = (128, 6_400)

  private let key = RandomKey(seed: 1)
  private let (images, labels): (Tensor, Tensor)

  init() throws {
    images = try Tensor.normals(key: key.purpose("images"), shape: [Self.count, 1, 28, 28])
    labels = try Tensor(key.purpose("labels").uniforms(count: Self.count).map { Int64($0 * 10) })
  }

  /// The batch of a step.
  func batch(_ step: Int) throws -> (images: Tensor, labels: Tensor) {
    let draws = key.folding(in: UInt64(step)).uniforms(count: Self.batch)
    let index = try Tensor(draws.map { Int64($0 * Double(Self.count)) })
    return (try images.rows(at: index), try labels.rows(at: index))
  }
}
