import Foundation
import Tensors

/// A step size one step of which is accepted with probability about 0.8, by doubling or halving from `start`.
///
/// Source: Hoffman & Gelman, "The No-U-Turn Sampler", JMLR 15 (2014), algorithm 4, with Stan's threshold 0.8.
/// - Parameter energyError: how much the energy grows by one step of a size, begun with the motion that a key draws.
/// - Throws: `PosteriorError` if no step size between 10⁻¹⁴ and 10⁷ will do.
func reasonableStepSize(
  from start: Double, key: RandomKey,
  energyError: (_ stepSize: Double, _ key: RandomKey) throws(PosteriorError) -> Double
) throws(PosteriorError) -> Double {
  var stepSize = start
  var grows: Bool?
  for attempt: UInt64 in 0... {
    let accepts = try energyError(stepSize, key.folding(in: attempt)) < -log(0.8)
    if let grows, grows != accepts { break }
    grows = accepts
    stepSize *= accepts ? 2 : 0.5
    guard stepSize < 1e7, stepSize > 1e-14 else {
      throw PosteriorError(
        .adaptationFailed,
        accepts
          ? "the step size grew beyond 10⁷: the posterior is probably improper, give its parameters proper priors"
          : "no step size is small enough: is the density continuous and its gradient right at the initial position?")
    }
  }
  return stepSize
}
