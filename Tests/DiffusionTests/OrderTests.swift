import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// Deterministic solvers against the exact flow of the mixture.
@Suite struct OrderTests {
  private static let steps = [16, 32, 64, 128]

  private static func order(_ make: ([Interval], any NoiseSchedule) throws -> any Solver) throws -> Double {
    // Between two finite levels, so that no end of a schedule adds an error of its own.
    let schedule = try KarrasSchedule(KarrasScheduleConfiguration(sigmaMin: 0.2, sigmaMax: 10))
    let mixture = try GaussianMixture(
      means: Tensor([-1.0, 0.5, 0.8, -0.3], shape: [2, 2]), deviations: [0.5, 0.8], weights: [0.6, 0.4])
    let start = try Tensor.normals(key: RandomKey(seed: 3), shape: [32, 2], type: .float64) * 10
    let exact = try ProbabilityFlow(mixture, schedule: schedule, steps: 1000)
      .transport(start, from: schedule.level(ratio: 10), to: schedule.level(ratio: 0.2))
    let errors = try steps.map { count in
      let levels = exponentialSigmas(0.2...10, count: count + 1).map(schedule.level(ratio:))
      let solver = try make([Interval](through: levels), schedule)
      var state = SolverState(sample: start)
      let end = try solver.finish(&state, denoiser: mixture, noise: NoNoise())
      return (x: Double(count), y: try end.distance(to: exact))
    }
    return -logSlope(errors)
  }

  private static func dpm(_ configuration: DPMSolverConfiguration) throws -> Double {
    var configuration = configuration
    configuration.lowersFinalOrder = false
    return try order { intervals, _ in
      switch configuration.form {
      case .multistep: try DPMSolver(intervals, configuration)
      case .singlestep: try DPMSolverSinglestep(intervals, configuration)
      }
    }
  }

  @Test func firstOrder() throws {
    #expect(abs(try Self.order { Euler($0, schedule: $1) } - 1) < 0.2)
    #expect(abs(try Self.order { intervals, _ in DDIM(intervals) } - 1) < 0.2)
    #expect(abs(try Self.dpm(.init(order: 1, prediction: .noise)) - 1) < 0.2)
  }

  @Test(arguments: DPMSolverConfiguration.Correction.allCases)
  func secondOrder(correction: DPMSolverConfiguration.Correction) throws {
    #expect(abs(try Self.order { Heun($0, schedule: $1) } - 2) < 0.3)
    for prediction in DPMSolverConfiguration.Prediction.allCases {
      let multistep = DPMSolverConfiguration(prediction: prediction, correction: correction)
      #expect(abs(try Self.dpm(multistep) - 2) < 0.3)
      let singlestep = DPMSolverConfiguration(prediction: prediction, form: .singlestep, correction: correction)
      #expect(abs(try Self.dpm(singlestep) - 2) < 0.3)
    }
  }

  /// The multistep form gives the second derivative half of its weight, as everybody's does, and is of order 2.
  @Test(arguments: DPMSolverConfiguration.Prediction.allCases)
  func thirdOrder(prediction: DPMSolverConfiguration.Prediction) throws {
    let singlestep = DPMSolverConfiguration(order: 3, prediction: prediction, form: .singlestep, correction: .heun)
    #expect(try Self.dpm(singlestep) > 2.7)
    let multistep = try Self.dpm(.init(order: 3, prediction: prediction))
    #expect(multistep > 1.8, "order \(multistep)")
  }

  /// DDIM, DPM-Solver++ of order 1 and Euler in σ are one method in three scalings.
  @Test func threeNamesOfOneMethod() throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration(shape: .linear))
    let mixture = try Clouds().denoiser
    let levels = [999, 700, 400, 150, 30].map { schedule.level(timestep: $0) } + [.clean]
    let intervals = [Interval](through: levels)
    let noise = try Tensor.normals(key: RandomKey(seed: 5), shape: [16, 2], type: .float64)
    let solvers: [(any Solver, scale: Double)] = [
      (DDIM(intervals), 1), (try DPMSolver(intervals, DPMSolverConfiguration(order: 1)), 1),
      (Euler(intervals, schedule: schedule), 1 / levels[0].alpha),
    ]
    let ends = try solvers.map { solver, scale in
      var state = SolverState(sample: try noise * scale)
      return try solver.finish(&state, denoiser: mixture, noise: NoNoise())
    }
    #expect(try ends[0].distance(to: ends[1]) < 1e-6)
    #expect(try ends[0].distance(to: ends[2]) < 1e-6)
  }

  /// On the full chain DDIM with η = 1 is ancestral sampling with the small variance, draw for draw.
  @Test func ddimOfEtaOneIsDDPM() throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration(shape: .linear, timesteps: 60, betaEnd: 0.2))
    let mixture = try Clouds().denoiser
    let noise = BatchNoise(key: RandomKey(seed: 9))
    let start = try Tensor.normals(key: RandomKey(seed: 1), shape: [16, 2], type: .float64)
    let ends = try [SolverConfiguration.ddpm(.fixedSmall), .ddim(eta: 1)].map { solver in
      let made = try SamplingConfiguration(solver: solver, steps: 60).solver(for: schedule)
      var state = SolverState(sample: start)
      return try made.finish(&state, denoiser: mixture, noise: noise)
    }
    #expect(try ends[0].distance(to: ends[1]) < 1e-6)
  }

  /// From image to noise and back: the error falls with the step.
  @Test func ddimIsInvertible() throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration(shape: .linear))
    let mixture = try Clouds().denoiser
    let image = try Tensor([-1.1, 0.2, 0.9, 1, 0.3, -1.2], shape: [3, 2])
    let errors = try [50, 100, 200, 500].map { steps in
      let configuration = SamplingConfiguration(
        solver: .ddim(eta: 0), steps: steps, spacing: SpacingConfiguration(timesteps: .leading, final: .sigmaMin))
      var state = SolverState(sample: image)
      let noise = try configuration.inversion(for: schedule).finish(&state, denoiser: mixture, noise: NoNoise())
      var back = SolverState(sample: noise)
      let end = try configuration.solver(for: schedule).finish(&back, denoiser: mixture, noise: NoNoise())
      return (x: Double(steps), y: try end.distance(to: image))
    }
    #expect(errors[0].y < 0.3)
    #expect(logSlope(errors) < -0.8)
  }
}
