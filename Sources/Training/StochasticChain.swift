import Formats
import Networks
import Specification
import Tensors

/// A Markov chain over weights that follows gradients of mini-batches and noise. For small steps its stationary density is the
/// posterior's to the power 1 / T.
///
/// With the rate ℓ on the mean loss of N examples, a step ε² = ℓ / N on the energy U = N · loss and momenta p = −ε N v:
///
///     v ← (1 − α) v + ∇(U / N) + z √(2 a T / (N ℓ)),   θ ← θ − ℓ v,   z ~ N(0, 1)
///
/// - SGLD (Welling & Teh 2011): α = a = 1.
/// - SGHMC (Chen, Fox & Guestrin 2014, equation 15 without an estimate of the gradient's noise): α = a, the friction.
/// - SGNHT (Ding et al. 2014, algorithm 2): α begins as a and is a thermostat, which takes up what the noise of the gradient adds:
///
///       α ← α + γ (K / T − 1),   K = N ℓ ‖v‖² (1 − α / 2) / n, the kinetic temperature of n weights
///
///   The factor 1 − α / 2, which the paper has not, brings ‖v‖² from the end of a step to its middle: then the weights have the
///   temperature T, and not T (1 − α / 2), also where α is not small.
///   The stationary density has the same marginal for each γ > 0. Ding et al. have γ = T ℓ / N, which needs some N / ℓ steps; here
///   it is a² / 2, with which temperature and friction find their balance soonest without swinging. α stays below 1.
public final class StochasticChain {
  private let configuration: StochasticChainConfiguration
  private let parameters: ParameterSet
  private let momenta: ParameterSet
  private let examples: Int
  /// What the momentum loses in the next step, α.
  public private(set) var friction: Double

  /// What a step has done.
  public struct Info {
    /// Norm of the gradient with the prior's part.
    public let gradientNorm: Double
    /// The kinetic temperature K, which is T in a chain that samples what it should.
    public let temperature: Double
  }

  /// Begins without momentum.
  /// - Parameters:
  ///   - parameters: The weights in one piece of memory, which are written into.
  ///   - examples: Those that the loss is a mean of, N.
  /// - Throws: `TensorError` if the parameters are not flattened.
  public init(
    _ configuration: StochasticChainConfiguration, _ parameters: ParameterSet, examples: Int
  ) throws(TensorError) {
    (self.configuration, self.parameters, self.examples) = (configuration, parameters, examples)
    momenta = try parameters.zeros()
    friction = configuration.friction
  }

  /// Takes a step.
  /// - Parameters:
  ///   - gradients: of the mean loss, one a parameter.
  ///   - rate: ℓ.
  ///   - priorPrecision: of a Gaussian prior about 0, in U.
  ///   - key: of this step's noise.
  public func step(
    _ gradients: [Tensor], rate: Double, priorPrecision: Double = 0, key: RandomKey
  ) throws(TensorError) -> Info {
    guard let flat = parameters.flat, let speeds = momenta.flat else {
      throw TensorError(.invalidArgument, "a chain walks through one piece of memory: flatten the parameters")
    }
    let (count, temperature) = (Double(examples), configuration.temperature)
    let coefficients = ChainStep(
      rate: rate, momentum: 1 - friction, decay: priorPrecision / count,
      deviation: (2 * configuration.friction * temperature / (count * rate)).squareRoot())
    let squares = try chainStep(
      parameters.tensors, in: flat, gradients: gradients, momenta: speeds, coefficients, key: key)
    let kinetic = count * rate * squares.momentum * (1 - friction / 2) / Double(parameters.count)
    if configuration.hasThermostat {
      let strength = configuration.friction * configuration.friction / 2
      friction = min(1, friction + strength * (kinetic / temperature - 1))
    }
    return Info(gradientNorm: squares.gradient.squareRoot(), temperature: kinetic)
  }
}

extension StochasticChain {
  private static let thermostat = "thermostat"

  /// Adds momenta and thermostat to a checkpoint.
  public func store(in file: inout Safetensors) throws {
    for (name, tensor) in zip(momenta.names, momenta.tensors) { file["momenta/\(name)"] = try tensor.stored() }
    if configuration.hasThermostat { file[Self.thermostat] = try Safetensors.Tensor([friction], shape: []) }
  }

  /// Takes up what a checkpoint has.
  public func restore(from file: Safetensors) throws {
    for (name, tensor) in zip(momenta.names, momenta.tensors) { try tensor.restore("momenta/\(name)", from: file) }
    guard configuration.hasThermostat else { return }
    guard let friction = try file.tensor(Self.thermostat).doubles().first else {
      throw TrainingError(.foreignCheckpoint, "The checkpoint to go on from belongs to another chain.")
    }
    self.friction = friction
  }
}
