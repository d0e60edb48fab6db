/// How weights follow their gradients.
public struct OptimizerConfiguration: Equatable, Sendable {
  /// The rule of a step.
  public var method: Method
  /// Length of a step, after warm-up.
  public var rate: Double
  /// Steps in which the rate grows linearly from 0.
  public var warmUp: Int
  /// How the rate goes on after warm-up.
  public var schedule: RateSchedule
  /// The norm of all gradients together that longer ones are shortened to; nil leaves them as they are.
  public var gradientNorm: Double?

  /// The rule of a step.
  public enum Method: Equatable, Sendable {
    /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
    case adamW(beta1: Double, beta2: Double, epsilon: Double, decay: Double)
    /// Adafactor: the second moments of a matrix as a product of its rows' and columns' (Shazeer & Stern 2018). The weight of the
    /// past in step t is 1 − t^−decayPower; updates are shortened to a root mean square of `clipping`; with `relative`, the
    /// rate is relative to the root mean square of the weights.
    case adafactor(decayPower: Double, clipping: Double, relative: Bool, decay: Double)
    /// Stochastic gradient descent with momentum μ: m ← μ m + g + decay θ, θ ← θ − rate m; with `nesterov` θ ← θ − rate (g + μ m)
    /// (Sutskever et al. 2013), as PyTorch writes it.
    case sgd(momentum: Double, nesterov: Bool, decay: Double)
  }

  /// Creates an optimiser.
  public init(
    method: Method = .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01), rate: Double = 1e-4,
    warmUp: Int = 0, schedule: RateSchedule = .constant, gradientNorm: Double? = 1
  ) {
    (self.method, self.rate, self.warmUp) = (method, rate, warmUp)
    (self.schedule, self.gradientNorm) = (schedule, gradientNorm)
  }

  /// The rate of a step, counted from 0, of so many.
  public func rate(at step: Int, of steps: Int) -> Double {
    if step < warmUp { return rate * Double(step + 1) / Double(warmUp) }
    guard steps > warmUp else { return rate }
    return rate * schedule.factor(at: Double(step - warmUp) / Double(steps - warmUp))
  }
}

extension OptimizerConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case adamW, adafactor, sgd
  }

  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    switch try section.required("type", "write `type: adamW`, `adafactor` or `sgd`").choice(of: Kind.self) {
    case .adamW:
      method = .adamW(
        beta1: try section.optional("beta1")?.number(in: 0...0.99999) ?? 0.9,
        beta2: try section.optional("beta2")?.number(in: 0...0.9999999) ?? 0.999,
        epsilon: try section.optional("epsilon")?.number(in: 1e-20...1) ?? 1e-8,
        decay: try section.optional("decay")?.number(in: 0...10) ?? 0.01)
    case .adafactor:
      method = .adafactor(
        decayPower: try section.optional("decayPower")?.number(in: 0.1...1) ?? 0.8,
        clipping: try section.optional("clipping")?.number(in: 1e-3...1000) ?? 1,
        relative: try section.optional("relative")?.flag() ?? false,
        decay: try section.optional("decay")?.number(in: 0...10) ?? 0)
    case .sgd:
      method = .sgd(
        momentum: try section.optional("momentum")?.number(in: 0...0.9999) ?? 0.9,
        nesterov: try section.optional("nesterov")?.flag() ?? false,
        decay: try section.optional("decay")?.number(in: 0...10) ?? 0)
    }
    rate = try section.optional("rate")?.number(in: 0...10) ?? rate
    warmUp = try section.optional("warmUp")?.integer(in: 0...10_000_000) ?? warmUp
    schedule = try section.optional("schedule").map(RateSchedule.init) ?? schedule
    if let field = section.optional("gradientNorm") {
      gradientNorm = field.word == "none" ? nil : try field.number(in: 1e-6...1e6)
    }
  }
}
