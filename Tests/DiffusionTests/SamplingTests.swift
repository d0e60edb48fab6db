import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// Sampling is a function of key, image and step: neither batches nor interruptions change a bit.
@Suite struct SamplingTests {
  static let solvers: [SolverConfiguration] = [
    .ddpm(.fixedSmall), .ddim(eta: 0.7), .euler(.init(amount: 5)), .eulerAncestral(eta: 1), .heun(.init(amount: 5)),
    .dpmSolver(.init(order: 3)), .dpmSolver(.init(isStochastic: true)), .dpmSolver(.init(order: 3, form: .singlestep)),
    .predictorCorrector(.init()),
  ]

  @Test(arguments: solvers)
  func imagesDoNotKnowTheirBatch(configuration: SolverConfiguration) throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration())
    let solver = try SamplingConfiguration(solver: configuration, steps: 12).solver(for: schedule)
    let (mixture, key) = (try Clouds().denoiser, RandomKey(seed: 21))
    func sample(_ images: [UInt64]) throws -> [[Double]] {
      let noise = KeyedNoise(key: key, images: images)
      var state = try solver.initialState(noise.initial(shape: [images.count, 2]))
      let numbers = try solver.finish(&state, denoiser: mixture, noise: noise).numbers()
      return images.indices.map { Array(numbers[(2 * $0)..<(2 * $0 + 2)]) }
    }
    let together = try sample([5, 6, 7])
    for (index, image) in [5, 6, 7].enumerated() { #expect(try sample([UInt64(image)])[0] == together[index]) }
    #expect(try sample([7, 5]) == [together[2], together[0]])
  }

  @Test(arguments: solvers)
  func aStoredStateGoesOn(configuration: SolverConfiguration) throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration())
    let solver = try SamplingConfiguration(solver: configuration, steps: 12).solver(for: schedule)
    let (mixture, noise) = (try Clouds().denoiser, KeyedNoise(key: RandomKey(seed: 22), images: [0, 1]))
    var state = try solver.initialState(noise.initial(shape: [2, 2]))
    var whole = state
    let end = try solver.finish(&whole, denoiser: mixture, noise: noise).numbers()
    while state.step < 12 {
      try solver.step(&state, denoiser: mixture, noise: noise)
      #expect(state.preview != nil)
      // What a checkpoint holds: numbers and shapes.
      func stored(_ tensor: Tensor) throws -> Tensor { try Tensor(tensor.array(of: Float.self), shape: tensor.shape) }
      state = SolverState(
        sample: try stored(state.sample), step: state.step, history: try state.history.map(stored))
    }
    #expect(try state.sample.numbers() == end)
  }
}
