import Foundation
import Specification
import Tensors

/// DPM-Solver (Lu et al. 2022, NeurIPS) and DPM-Solver++ (Lu et al. 2022, arXiv:2211.01095), deterministic or stochastic, of
/// order 1 to 3; `DPMSolverSinglestep` is its other form.
///
/// In λ = ln(α / σ) the linear part of the equation is solved exactly, and the prediction (the clean image or the noise) is
/// a Taylor polynomial of earlier ones. Order 1 is DDIM.
public struct DPMSolver: Solver {
  public let intervals: [Interval]
  private let configuration: DPMSolverConfiguration

  /// Makes the multistep solver of these steps.
  /// - Throws: `DiffusionError` if the method cannot take them.
  public init(_ intervals: [Interval], _ configuration: DPMSolverConfiguration) throws(DiffusionError) {
    try DPMWeights.validate(configuration, intervals)
    self.intervals = intervals
    self.configuration = configuration
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    let denoised = try denoiser(state.sample, at: interval.from)
    let newest = configuration.prediction == .data ? denoised.clean : denoised.noise
    let weights = DPMWeights(interval, configuration)
    let order = order(of: state)
    var sample = try weights.start(state.sample, newest)
    if order > 1 {
      // λ of the current prediction and the earlier ones, newest first.
      let lambdas = (0..<order).map { intervals[state.step - $0].from.lambda }
      let ratio = (lambdas[0] - lambdas[1]) / weights.length
      let slope = try (newest - state.history[state.history.count - 1]) * (1 / ratio)
      if order == 2 {
        sample = try sample + slope * weights.first(of: 2)
      } else {
        let earlierRatio = (lambdas[1] - lambdas[2]) / weights.length
        let last = state.history.count - 1
        let earlierSlope = try (state.history[last] - state.history[last - 1]) * (1 / earlierRatio)
        let bend = try (slope - earlierSlope) * (1 / (ratio + earlierRatio))
        sample = try sample + (slope + bend * ratio) * weights.first(of: 3) + bend * weights.second
      }
    }
    if configuration.isStochastic { sample = try sample + noise.normals(for: state) * weights.noise }
    state.history = Array((state.history + [newest]).suffix(configuration.order - 1))
    state.advance(to: sample, preview: denoised.clean)
  }

  /// The order of the next step: as many predictions as there are, and less at the end.
  private func order(of state: SolverState) -> Int {
    let (left, isShort) = (intervals.count - state.step, intervals.count < 15)
    let lowers = configuration.lowersFinalOrder && isShort
    if left == 1, configuration.endsWithEuler || lowers || intervals[state.step].to.sigma == 0 { return 1 }
    let order = min(configuration.order, state.step + 1, state.history.count + 1)
    return left == 2 && lowers ? min(order, 2) : order
  }
}

/// What the parts of a step of DPM-Solver weigh, h = λ′ − λ; e^−h counts twice in the stochastic equation.
struct DPMWeights {
  /// h.
  let length: Double
  private let carry: Double
  private let zeroth: Double
  private let firstDerivative: Double
  /// Of the second derivative.
  let second: Double
  /// Of fresh noise.
  let noise: Double
  private let isMidpoint: Bool

  /// - Parameter interval: from where the polynomial starts to where the step ends.
  init(_ interval: Interval, _ configuration: DPMSolverConfiguration) {
    let (from, to) = (interval.from, interval.to)
    let h = to.lambda - from.lambda
    length = h
    isMidpoint = configuration.correction == .midpoint
    let scale = configuration.isStochastic ? 2.0 : 1
    switch configuration.prediction {
    case .data:
      let H = scale * h
      let decay = exp(-H)
      carry = to.sigma / from.sigma * (configuration.isStochastic ? exp(-h) : 1)
      zeroth = -to.alpha * expm1(-H)
      firstDerivative = to.alpha * ((decay - 1) / H + 1)
      second = -to.alpha * ((decay - 1 + H) / (H * H) - 0.5)
      noise = to.sigma * (-expm1(-2 * h)).squareRoot()
    case .noise:
      carry = to.alpha / from.alpha
      zeroth = -scale * to.sigma * expm1(h)
      firstDerivative = -scale * to.sigma * (expm1(h) / h - 1)
      second = -to.sigma * ((expm1(h) - h) / (h * h) - 0.5)
      noise = to.sigma * expm1(2 * h).squareRoot()
    }
  }

  /// The step of first order.
  func start(_ x: Tensor, _ prediction: Tensor) throws(TensorError) -> Tensor { try x * carry + prediction * zeroth }

  /// Of the first derivative in a step of order 2 or 3.
  func first(of order: Int) -> Double { order == 2 && isMidpoint ? zeroth / 2 : firstDerivative }

  /// Refuses what the method cannot do.
  static func validate(_ configuration: DPMSolverConfiguration, _ intervals: [Interval]) throws(DiffusionError) {
    try require((1...3).contains(configuration.order), "the order is 1, 2 or 3, not \(configuration.order)")
    try require(!configuration.isStochastic || configuration.order < 3, "the stochastic solver is of order 1 or 2")
    if configuration.prediction == .noise {
      try require(
        intervals.allSatisfy { $0.to.sigma > 0 && $0.from.alpha > 0 },
        "extrapolating the noise works between finite noise levels only; end at sigmaMin, or extrapolate data")
    }
  }
}
