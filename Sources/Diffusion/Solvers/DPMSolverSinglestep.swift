import Specification
import Tensors

/// DPM-Solver in groups of up to three steps that all start from the group's first sample: the k-th step of a group is of
/// order k and replaces the ones before (Lu et al. 2022; "2S", "3S").
public struct DPMSolverSinglestep: Solver {
  public let intervals: [Interval]
  private let configuration: DPMSolverConfiguration
  /// The place of each step in its group, from 1: its order.
  let orders: [Int]

  /// Makes the solver of these steps.
  /// - Throws: `DiffusionError` if the method cannot take them.
  public init(_ intervals: [Interval], _ configuration: DPMSolverConfiguration) throws(DiffusionError) {
    try DPMWeights.validate(configuration, intervals)
    self.intervals = intervals
    self.configuration = configuration
    let endsClean = intervals.last?.to.sigma == 0
    // A chain that ends in the clean image, or in the middle of a group, needs lower orders at its end.
    let lowers = configuration.lowersFinalOrder || endsClean || intervals.count % configuration.order != 0
    orders = Self.orders(count: intervals.count, order: configuration.order, lowersFinal: lowers, endsClean: endsClean)
  }

  private static func orders(count: Int, order: Int, lowersFinal: Bool, endsClean: Bool) -> [Int] {
    var orders = (0..<count).map { $0 % order + 1 }
    guard let last = orders.indices.last else { return orders }
    // The last group would reach its full order only in the last step: it is divided.
    if lowersFinal, order > 1, orders[last] == order {
      orders[last] = 1
      if order == 3, count % 3 == 0 { orders.replaceSubrange((last - 2)...last, with: [1, 2, 1]) }
    }
    if endsClean { orders[last] = 1 }
    return orders
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    let denoised = try denoiser(state.sample, at: interval.from)
    let newest = configuration.prediction == .data ? denoised.clean : denoised.noise
    let order = min(orders[state.step], max(state.history.count, 1))
    if order == 1 { state.history = [state.sample] }
    // The group's first sample, then its predictions.
    state.history.append(newest)
    let first = intervals[state.step - order + 1].from
    let weights = DPMWeights(Interval(from: first, to: interval.to), configuration)
    let predictions = Array(state.history.dropFirst().suffix(order))
    var sample = try weights.start(state.history[0], predictions[0])
    if order > 1 {
      let slopes = try (1..<order).map { index in
        let share = (intervals[state.step - order + 1 + index].from.lambda - first.lambda) / weights.length
        return (value: try (predictions[index] - predictions[0]) * (1 / share), share: share)
      }
      sample = try sample + derivatives(slopes, weights)
    }
    if configuration.isStochastic { sample = try sample + noise.normals(for: state) * weights.noise }
    state.advance(to: sample, preview: denoised.clean)
  }

  /// What the divided differences from the group's first prediction add.
  private func derivatives(
    _ slopes: [(value: Tensor, share: Double)], _ weights: DPMWeights
  ) throws(TensorError) -> Tensor {
    let last = slopes[slopes.count - 1]
    if slopes.count == 1 { return try last.value * weights.first(of: 2) }
    guard configuration.correction == .heun else { return try last.value * weights.first(of: 3) }
    let spread = last.share - slopes[0].share
    let slope = try (slopes[0].value * last.share - last.value * slopes[0].share) * (1 / spread)
    let bend = try (last.value - slopes[0].value) * (2 / spread)
    return try slope * weights.first(of: 3) + bend * weights.second
  }
}
