import Tensors

/// D(x, σ): what an image in noise is expected to look like without it. Everything else of this module is made of this:
/// preconditioning wraps a network into one, guidance wraps denoisers, solvers ask one at falling levels of noise.
///
///     struct Standing: Denoiser {                     // data that are standard normal
///       func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
///         let share = level.alpha / (level.alpha * level.alpha + level.sigma * level.sigma)
///         return try Denoised(clean: x * share, of: x, at: level)
///       }
///     }
public protocol Denoiser {
  /// The estimate for x [n, ..] at a level of noise above 0.
  /// - Throws: `DiffusionError`, `TensorError`, or what the network throws.
  func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised
}

/// What a denoiser says about x = α x₀ + σ z.
public struct Denoised {
  /// The expected clean image E[x₀ | x], of x's shape.
  public var clean: Tensor
  /// The expected noise E[z | x].
  public var noise: Tensor
  /// Where the variance of a step lies between its bounds, from −1 (small) to 1 (large), if the network says so.
  public var variance: Tensor?

  /// Makes an estimate.
  public init(clean: Tensor, noise: Tensor, variance: Tensor? = nil) {
    self.clean = clean
    self.noise = noise
    self.variance = variance
  }

  /// Makes an estimate whose noise follows from the clean image: z = (x − α x₀) / σ.
  public init(clean: Tensor, of x: Tensor, at level: NoiseLevel) throws(TensorError) {
    self.init(clean: clean, noise: try (x - clean * level.alpha) / level.sigma)
  }

  /// The score ∇ log p(x) = −E[z | x] / σ (Vincent 2011).
  public func score(at level: NoiseLevel) throws(TensorError) -> Tensor { try noise * (-1 / level.sigma) }
}

/// A denoiser given as a function.
public struct FunctionDenoiser: Denoiser {
  private let function: (Tensor, NoiseLevel) throws -> Denoised

  /// Makes a denoiser of a function.
  public init(_ function: @escaping (Tensor, NoiseLevel) throws -> Denoised) { self.function = function }

  public func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised { try function(x, level) }
}
