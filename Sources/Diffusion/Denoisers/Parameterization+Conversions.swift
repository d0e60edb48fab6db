import Specification
import Tensors

/// α and σ of a batch, as tensors that broadcast against it: scalars, or [n, 1, ..].
struct LevelTensors {
  let alpha: Tensor
  let sigma: Tensor

  /// One level for the whole batch.
  init(_ level: NoiseLevel, type: DataType) throws(TensorError) {
    alpha = try .full(level.alpha, shape: [], type: type)
    sigma = try .full(level.sigma, shape: [], type: type)
  }

  /// One level a sample of `x`.
  init(_ levels: [NoiseLevel], like x: Tensor) throws(TensorError) {
    alpha = try .column(levels.map(\.alpha), like: x)
    sigma = try .column(levels.map(\.sigma), like: x)
  }
}

extension Tensor {
  /// One number a sample, as [n, 1, ..] of the rank and type of `x`.
  static func column(_ values: [Double], like x: Tensor) throws(TensorError) -> Tensor {
    let shape = [values.count] + [Int](repeating: 1, count: max(x.shape.count - 1, 0))
    return try Tensor(values, shape: shape).converted(to: x.type)
  }
}

extension Parameterization {
  /// The level as the network sees it: EDM's works on unscaled data, the others on α² + σ² = 1.
  func level(_ level: NoiseLevel) -> NoiseLevel {
    if case .edm = self { level.varianceExploding } else { level.variancePreserving }
  }

  /// What x, at a level as the network sees it, is multiplied by before the network: c_in.
  public func inputScale(at level: NoiseLevel) -> Double {
    guard case .edm(let sigmaData) = self else { return 1 }
    return 1 / (level.sigma * level.sigma + sigmaData * sigmaData).squareRoot()
  }

  /// What training wants the network to answer for x = α x₀ + σ z.
  func target(clean: Tensor, noise: Tensor, _ levels: LevelTensors) throws(TensorError) -> Tensor {
    switch self {
    case .epsilon: noise
    case .x0: clean
    case .v: try levels.alpha * noise - levels.sigma * clean
    case .edm(let sigmaData):
      try (clean - (clean + levels.sigma * noise) * Self.skip(levels, sigmaData)) / Self.out(levels, sigmaData)
    }
  }

  /// The clean image and the noise that an answer for x means.
  /// - Throws: `DiffusionError` for ε at α = 0, where it says nothing about the image.
  func denoised(_ output: Tensor, of x: Tensor, at level: NoiseLevel) throws -> Denoised {
    let levels = try LevelTensors(level, type: x.type)
    switch self {
    case .epsilon:
      guard level.alpha > 0 else {
        throw DiffusionError(
          .conflict, "ε says nothing about the image in pure noise (zero terminal SNR); train with v or x0")
      }
      return Denoised(clean: try (x - levels.sigma * output) / levels.alpha, noise: output)
    case .x0:
      return try Denoised(clean: output, of: x, at: level)
    case .v:
      return Denoised(
        clean: try levels.alpha * x - levels.sigma * output, noise: try levels.sigma * x + levels.alpha * output)
    case .edm(let sigmaData):
      let clean = try x * Self.skip(levels, sigmaData) + output * Self.out(levels, sigmaData)
      return try Denoised(clean: clean, of: x, at: level)
    }
  }

  /// What the network would have to answer for an estimate: the inverse of `denoised`.
  func output(_ denoised: Denoised, at level: NoiseLevel) throws(TensorError) -> Tensor {
    let levels = try LevelTensors(level, type: denoised.clean.type)
    return try target(clean: denoised.clean, noise: denoised.noise, levels)
  }

  /// By how much an error of the answer is an error of x₀: dx₀ / d answer, up to sign.
  public func cleanErrorScale(at level: NoiseLevel) -> Double {
    switch self {
    case .epsilon: return level.ratio
    case .x0: return 1
    case .v: return level.variancePreserving.sigma
    case .edm(let sigmaData):
      return level.ratio * sigmaData / (level.ratio * level.ratio + sigmaData * sigmaData).squareRoot()
    }
  }

  /// c_skip = σ_data² / (σ² + σ_data²).
  private static func skip(_ levels: LevelTensors, _ sigmaData: Double) throws(TensorError) -> Tensor {
    try (levels.sigma.squared() * (1 / (sigmaData * sigmaData)) + 1).reciprocal()
  }

  /// c_out = σ σ_data / √(σ² + σ_data²).
  private static func out(_ levels: LevelTensors, _ sigmaData: Double) throws(TensorError) -> Tensor {
    try levels.sigma * sigmaData * (levels.sigma.squared() + sigmaData * sigmaData).rsqrt()
  }
}
