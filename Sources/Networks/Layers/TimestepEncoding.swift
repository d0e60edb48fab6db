import Foundation
import Tensors

/// Features of times or noise levels, which an MLP makes an embedding of.
package enum TimestepEncoding {
  /// Sines and cosines of geometric frequencies from 1 to 1/10000 (Vaswani et al. 2017, section 3.5).
  ///
  /// Frequency i of half = width / 2 is 10000^(−i / (half − shift)). Sines come first unless `cosinesFirst`; an odd width
  /// ends with a zero.
  case sinusoidal(width: Int, cosinesFirst: Bool, shift: Double)
  /// Sines and cosines of 2π w t with fixed random frequencies w, the parameter `weight` (Tancik et al. 2020), of log t
  /// where `ofLogarithm`.
  case fourier(frequencies: Int, deviation: Double, ofLogarithm: Bool, cosinesFirst: Bool)
  /// A learned row of `weight` for every whole time.
  case table(times: Int, width: Int)

  /// Width of the features.
  var width: Int {
    switch self {
    case .sinusoidal(let width, _, _), .table(_, let width): width
    case .fourier(let frequencies, _, _, _): 2 * frequencies
    }
  }

  var parameterShapes: [ParameterShape] {
    switch self {
    case .sinusoidal: []
    case .fourier(let frequencies, let deviation, _, _):
      [ParameterShape("weight", [frequencies], .normal(deviation: deviation))]
    case .table(let times, let width): [ParameterShape("weight", [times, width], .normal(deviation: 1))]
    }
  }

  /// Features [n, width] of times [n].
  package func callAsFunction(_ times: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    switch self {
    case .sinusoidal(let width, let cosinesFirst, let shift):
      let half = width / 2
      // In single precision throughout, as the networks this has to agree with.
      let rate = Float(-Foundation.log(10000.0)), last = Float(Double(half) - shift)
      let frequencies: [Float] = (0..<half).map { Foundation.exp(rate * Float($0) / last) }
      let waves = try Self.waves(of: times, at: Tensor(frequencies), cosinesFirst: cosinesFirst)
      return width.isMultiple(of: 2) ? waves : try waves.padded([0, 1])
    case .fourier(_, _, let ofLogarithm, let cosinesFirst):
      // The frequencies are drawn once and never trained.
      let frequencies = try parameters.tensor("weight").detached() * (2 * Double.pi)
      let times = try times.converted(to: .float32)
      return try Self.waves(of: ofLogarithm ? times.log() : times, at: frequencies, cosinesFirst: cosinesFirst)
    case .table: return try parameters.tensor("weight").rows(at: times.converted(to: .int64))
    }
  }

  private static func waves(of times: Tensor, at frequencies: Tensor, cosinesFirst: Bool) throws -> Tensor {
    let angles = try times.converted(to: .float32).unsqueezed(at: 1) * frequencies
    let (sines, cosines) = (try angles.sin(), try angles.cos())
    return try Tensor.concatenated(cosinesFirst ? [cosines, sines] : [sines, cosines], along: -1)
  }
}

/// linear → non-linearity → linear, from features [n, inputs] to an embedding [n, width]: parts `linear_1`, `linear_2`.
struct EmbeddingMLP {
  let inputs: Int
  let width: Int
  var nonlinearity = Nonlinearity.silu
  /// What follows the second layer.
  var last: Nonlinearity?

  private var first: Linear { Linear(inputs: inputs, outputs: width) }
  private var second: Linear { Linear(inputs: width, outputs: width) }

  var parameterShapes: [ParameterShape] {
    first.parameterShapes.scoped("linear_1") + second.parameterShapes.scoped("linear_2")
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let hidden = try nonlinearity(first(x, parameters.scope("linear_1")))
    let y = try second(hidden, parameters.scope("linear_2"))
    return try last?(y) ?? y
  }
}
