/// The model of a regression job: y = f(x) + noise, on standardised inputs and targets.
public enum ModelConfiguration: Equatable, Sendable {
  case mlp(MLPConfiguration)
  case linear(LinearConfiguration)
}

/// A multilayer perceptron with a Gaussian likelihood.
public struct MLPConfiguration: Equatable, Sendable {
  /// Widths of the hidden layers; empty means a linear model.
  public var hidden: [Int]
  /// What follows each hidden layer.
  public var activation: Activation
  /// Prior of every weight and bias.
  public var prior: PriorConfiguration
  /// Standard deviation of the observation noise, in standardised units.
  public var noise: NoiseConfiguration

  public init(
    hidden: [Int] = [50], activation: Activation = .tanh, prior: PriorConfiguration = .fixed(scale: 1),
    noise: NoiseConfiguration = .learned(location: 0, scale: 1)
  ) {
    self.hidden = hidden
    self.activation = activation
    self.prior = prior
    self.noise = noise
  }
}

/// A linear model with a Gaussian likelihood and an intercept.
public struct LinearConfiguration: Equatable, Sendable {
  /// Standard deviation of the coefficients' Gaussian prior; nil is a flat prior.
  public var coefficientScale: Double?
  /// Prior of the noise's standard deviation σ > 0.
  public var noise: PositivePrior

  public init(coefficientScale: Double? = 10, noise: PositivePrior = .halfCauchy(scale: 2.5)) {
    self.coefficientScale = coefficientScale
    self.noise = noise
  }
}

/// Non-linearities of a hidden layer.
public enum Activation: String, CaseIterable, Sendable {
  case tanh, relu, gelu, silu
}

/// Prior of a network's weights and biases.
public enum PriorConfiguration: Equatable, Sendable {
  /// Gaussian of fixed standard deviation, chosen by the user or by evidence (empirical Bayes).
  case fixed(scale: Double)
  /// Gaussian whose standard deviation, one a layer, has a half-normal hyperprior of this scale and is sampled along
  /// (full Bayes).
  case hierarchical(scale: Double)
}

/// Standard deviation σ of the observation noise.
public enum NoiseConfiguration: Equatable, Sendable {
  /// σ is known.
  case fixed(scale: Double)
  /// log σ has a Gaussian prior and is sampled along.
  case learned(location: Double, scale: Double)
  /// log σ of each row is a second output of the network.
  case perRow
}

/// Priors of a positive parameter.
public enum PositivePrior: Equatable, Sendable {
  case flat
  case halfCauchy(scale: Double)
  case halfNormal(scale: Double)
}
