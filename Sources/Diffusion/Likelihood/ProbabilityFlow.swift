import Foundation
import Tensors

/// The ordinary differential equation whose solutions have the same densities as the noisy data (Song et al. 2021, eq. 13;
/// Karras et al. 2022, eq. 1).
///
/// For unscaled data x̄ = x / α and u = ln(σ / α) it is the same for every schedule, dx̄/du = x̄ − D(x̄), and is integrated by
/// the classical method of Runge and Kutta in equal steps of u: an image does not depend on the others of its batch.
public struct ProbabilityFlow {
  private let denoiser: any Denoiser
  private let schedule: any NoiseSchedule
  private let steps: Int

  /// Makes the equation of a denoiser.
  /// - Parameter steps: of four calls of the denoiser each.
  /// - Throws: `DiffusionError` unless there is a step.
  public init(_ denoiser: any Denoiser, schedule: any NoiseSchedule, steps: Int) throws(DiffusionError) {
    try require(steps > 0, "the equation is integrated in at least one step, not \(steps)")
    self.denoiser = denoiser
    self.schedule = schedule
    self.steps = steps
  }

  /// Takes x from one noise level to another, in either direction; both must lie above 0 and below infinity.
  public func transport(_ x: Tensor, from: NoiseLevel, to: NoiseLevel) throws -> Tensor {
    try integrate(x, from, to) { x, level in (try slope(x, level), nil) }.x
  }

  /// How the divergence of the equation's right side is computed.
  public enum Divergence {
    /// Exactly: one backward pass a dimension.
    case exact
    /// Estimated by vᵀ J v with v of random signs, drawn once for each image (Hutchinson 1990; Grathwohl et al. 2019).
    case hutchinson(key: RandomKey, probes: Int)
  }

  /// The log density of x [n, ..] at the schedule's least noise, in nats [n]: that of the prior N(0, α² + σ²) at the most
  /// noise (as if data had unit variance), and what the way there adds (Song et al. 2021, eq. 39).
  public func logLikelihood(_ x: Tensor, divergence: Divergence = .exact) throws -> Tensor {
    let range = schedule.ratios
    try require(range.upperBound.isFinite, "the likelihood needs a schedule whose most noise is finite")
    let (from, to) = (schedule.level(ratio: range.lowerBound), schedule.level(ratio: range.upperBound))
    let probes = try probes(divergence, x)
    let end = try integrate(x, from, to) { x, level in
      (try slope(x, level), try trace(at: x, level, probes))
    }
    let dimensions = x.count / max(x.shape.first ?? 1, 1)
    let density = try prior(end.x, at: to) + Double(dimensions) * log(to.alpha / from.alpha)
    return try end.gain.map { gain throws(TensorError) in try density + gain } ?? density
  }

  private func prior(_ x: Tensor, at level: NoiseLevel) throws(TensorError) -> Tensor {
    let flat = try x.reshaped(to: [x.shape.first ?? 1, -1])
    let variance = level.magnitude * level.magnitude
    return try flat.squared().sum(along: 1) * (-0.5 / variance) - Double(flat.shape[1]) / 2 * log(2 * .pi * variance)
  }

  /// x̄ − D(x̄) of unscaled data.
  private func slope(_ x: Tensor, _ level: NoiseLevel) throws -> Tensor { try x - denoiser(x, at: level).clean }

  /// Vectors v with Σ E[v vᵀ] = 1: signs, or the unit vectors for the exact trace.
  private func probes(_ divergence: Divergence, _ x: Tensor) throws -> [Tensor] {
    let type = try x.type
    switch divergence {
    case .exact:
      let one = [1] + x.shape.dropFirst()
      let count = one.reduce(1, *)
      return try (0..<count).map { index throws(TensorError) in
        var unit = [Double](repeating: 0, count: count)
        unit[index] = 1
        return try Tensor(unit, shape: one).converted(to: type)
      }
    case .hutchinson(let key, let probes):
      try require(probes > 0, "the divergence is estimated with at least one probe")
      let scale = 1 / Double(probes).squareRoot()
      return try (0..<probes).map { index throws(TensorError) in
        let uniforms = try Tensor.uniforms(key: key.folding(in: UInt64(index)), shape: x.shape, type: type)
        // 0 would be no sign; it is as likely as any other number.
        return try ((uniforms - 0.5).sign() + 0.5).sign() * scale
      }
    }
  }

  /// Σ vᵀ (∂ slope / ∂x) v of each image [n]. Each probe has a forward pass of its own, so that memory is one pass's.
  private func trace(at x: Tensor, _ level: NoiseLevel, _ probes: [Tensor]) throws -> Tensor {
    var trace = try Tensor.full(0, shape: [x.shape.first ?? 1], type: x.type)
    for probe in probes {
      let tracked = try x.detached().tracked()
      let product = try (slope(tracked, level) * probe).sum()
      let row = try gradient(of: product, withRespectTo: [tracked])[0]
      trace = try trace + (row * probe).reshaped(to: [x.shape.first ?? 1, -1]).sum(along: 1)
    }
    return trace
  }

  private typealias Slope = (x: Tensor, gain: Tensor?)

  /// Runge–Kutta steps of x̄, and of what `slope` gains along the way.
  private func integrate(
    _ x: Tensor, _ from: NoiseLevel, _ to: NoiseLevel, slope: (Tensor, NoiseLevel) throws -> Slope
  ) throws -> Slope {
    let (start, end) = (log(from.ratio), log(to.ratio))
    try require(start.isFinite && end.isFinite, "the equation connects noise levels above 0 and below infinity")
    let h = (end - start) / Double(steps)
    var state: Slope = (try x * (1 / from.alpha), nil)
    for step in 0..<steps {
      func evaluate(_ share: Double, after previous: Slope?) throws -> Slope {
        let level = schedule.level(ratio: exp(start + (Double(step) + share) * h)).varianceExploding
        let x = try previous.map { previous throws(TensorError) in try state.x + previous.x * (share * h) } ?? state.x
        return try slope(x, level)
      }
      let first = try evaluate(0, after: nil)
      let second = try evaluate(0.5, after: first)
      let third = try evaluate(0.5, after: second)
      let fourth = try evaluate(1, after: third)
      let slopes = [first, second, third, fourth]
      state.x = try state.x + Self.mean(slopes.map(\.x)) * h
      let gains = slopes.compactMap(\.gain)
      guard gains.count == 4 else { continue }
      let gain = try Self.mean(gains) * h
      state.gain = try state.gain.map { sum throws(TensorError) in try sum + gain } ?? gain
    }
    return (try state.x * to.alpha, state.gain)
  }

  /// (k₁ + 2 k₂ + 2 k₃ + k₄) / 6.
  private static func mean(_ slopes: [Tensor]) throws(TensorError) -> Tensor {
    try (slopes[0] + slopes[3] + (slopes[1] + slopes[2]) * 2) * (1.0 / 6)
  }
}
