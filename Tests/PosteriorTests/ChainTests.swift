import Foundation
import Posterior
import Specification
import Tensors
import Testing

@Suite struct ChainTests {
  /// At every iteration, warm-up or not, the chain is resumed from its snapshot and the next snapshots must be the same bits:
  /// so, by induction, is everything after.
  @Test(arguments: KernelTests.kernels + KernelTests.microcanonical)
  func resumesBitForBitAtEveryIteration(kernel: KernelConfiguration) throws {
    let key = RandomKey(seed: 9).folding(in: 2)
    let density = GaussianScenario()
    var chain = try Chain(density, kernel: kernel, warmUpIterations: 120, key: key)
    for _ in 0..<160 {
      let stored = chain.snapshot
      var resumed = try Chain(
        resuming: Snapshot(arrays: stored.arrays, counters: stored.counters), density, kernel: kernel,
        warmUpIterations: 120, key: key)
      #expect(resumed.snapshot == stored)
      let expected = try chain.advance()
      let actual = try resumed.advance()
      #expect(resumed.snapshot == chain.snapshot)
      #expect(actual.statistics == expected.statistics)
    }
  }

  /// The same with a network, cut in the middle of warm-up by a snapshot taken from another instance of the density.
  @Test func aNetworkResumesBitForBit() throws {
    let key = RandomKey(seed: 4)
    let density = {
      try MLPRegression(
        inputs: key.normals(count: 60), rows: 20, columns: 3, targets: key.purpose("y").normals(count: 20),
        configuration: MLPConfiguration(hidden: [5], prior: .hierarchical(scale: 1)))
    }
    let kernel = KernelConfiguration.nuts(NUTSConfiguration(maxDepth: 5))
    var whole = try Chain(density(), kernel: kernel, warmUpIterations: 60, key: key)
    var cut = try Chain(density(), kernel: kernel, warmUpIterations: 60, key: key)
    for iteration in 0..<80 {
      _ = try whole.advance()
      if iteration.isMultiple(of: 7) {
        cut = try Chain(resuming: cut.snapshot, density(), kernel: kernel, warmUpIterations: 60, key: key)
      }
      _ = try cut.advance()
    }
    #expect(cut.snapshot == whole.snapshot)
  }

  @Test func chainsOfDifferentKeysDiffer() throws {
    var (a, b) = (
      try KernelTests.chain(GaussianScenario(), KernelTests.kernels[2], warmUp: 0, seed: 1),
      try KernelTests.chain(GaussianScenario(), KernelTests.kernels[2], warmUp: 0, seed: 2)
    )
    _ = try (a.advance(), b.advance())
    #expect(a.position != b.position)
  }

  @Test func aSnapshotOfAnotherChainIsRefused() throws {
    let snapshot = try KernelTests.chain(GaussianScenario(), KernelTests.kernels[0], warmUp: 50).snapshot
    let resume = { (density: any LogDensity, kernel: KernelConfiguration, warmUp: Int, snapshot: Snapshot) in
      _ = try Chain(
        resuming: snapshot, density, kernel: kernel, warmUpIterations: warmUp, key: RandomKey(seed: 0))
    }
    func message(_ body: () throws -> Void) -> String {
      let error = #expect(throws: PosteriorError.self, performing: body)
      #expect(error?.code == .invalidSnapshot)
      return error?.message ?? ""
    }
    let metropolis = KernelTests.kernels[0]
    #expect(message { try resume(LeapfrogTests.Oscillator(), metropolis, 50, snapshot) }.contains("shape [3]"))
    #expect(message { try resume(GaussianScenario(), KernelTests.kernels[1], 50, snapshot) }.contains("gradient"))
    #expect(message { try resume(GaussianScenario(), metropolis, 51, snapshot) }.contains("50"))
    #expect(message { try resume(GaussianScenario(), metropolis, 50, Snapshot()) }.contains("warm_up_iterations"))
    let cut = Snapshot(arrays: Array(snapshot.arrays.dropLast()), counters: snapshot.counters)
    #expect(message { try resume(GaussianScenario(), metropolis, 50, cut) }.contains("window_squares"))
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    let kernels: [KernelConfiguration] = [
      .metropolis(MetropolisConfiguration(targetAcceptance: 1)),
      .metropolis(MetropolisConfiguration(initialStepSize: 0)),
      .hmc(HMCConfiguration(leapfrogSteps: 0)), .hmc(HMCConfiguration(initialStepSize: .nan)),
      .nuts(NUTSConfiguration(maxDepth: 0)), .nuts(NUTSConfiguration(maxDepth: 31)),
      .mclmc(MCLMCConfiguration(energyVariance: 0)), .mclmc(MCLMCConfiguration(initialEnergyVariance: 0)),
      .mclmc(MCLMCConfiguration(initialStepSize: 0)),
      .mams(MAMSConfiguration(targetAcceptance: 1)), .mams(MAMSConfiguration(initialStepSize: .nan)),
    ]
    for kernel in kernels {
      let error = #expect(throws: PosteriorError.self) { try KernelTests.chain(GaussianScenario(), kernel, warmUp: 5) }
      #expect(error?.code == .invalidArgument)
    }
    #expect(throws: PosteriorError.self) {
      try KernelTests.chain(GaussianScenario(), KernelTests.kernels[0], warmUp: -1)
    }
  }

  /// A density with the wrong gradient, or none at all away from one point.
  struct Broken: LogDensity {
    let dimensions = 2
    var home: [Double]? = nil
    var slope = 0.0

    func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
      gradient = [slope, 0]
      return home.map { $0 == position ? 0 : -.infinity } ?? .nan
    }

    func value(at position: [Double]) -> Double { home.map { $0 == position ? 0 : -.infinity } ?? .nan }
  }

  @Test func aChainThatCannotStartSaysSo() throws {
    let error = #expect(throws: PosteriorError.self) {
      try Chain(Broken(), kernel: KernelTests.kernels[2], warmUpIterations: 10, key: RandomKey(seed: 0))
    }
    #expect(error?.code == .initialPositionNotFound)
    #expect(error?.message.contains("100 initial positions") == true)
    let given = #expect(throws: PosteriorError.self) {
      try KernelTests.chain(Broken(home: [1, 1]), KernelTests.kernels[2], warmUp: 10)
    }
    #expect(given?.code == .initialPositionNotFound)
  }

  @Test func aDeadChainIsStopped() throws {
    // No step size is small enough for HMC and NUTS to stay at a single point.
    for kernel in KernelTests.kernels.dropFirst() + KernelTests.microcanonical.suffix(1) {
      let error = #expect(throws: PosteriorError.self) {
        try KernelTests.chain(Broken(home: [0, 0], slope: 1), kernel, warmUp: 100)
      }
      #expect(error?.code == .adaptationFailed)
      #expect(error?.message.contains("continuous") == true)
    }
    // An improper density has no largest one.
    let improper = #expect(throws: PosteriorError.self) {
      try KernelTests.chain(
        AutogradDensity(dimensions: 1) { try ($0 * 0).sum() }, .nuts(NUTSConfiguration()), warmUp: 9)
    }
    #expect(improper?.message.contains("improper") == true)
    // Without the search the chain rests until it is stopped, with Metropolis or without warm-up alike.
    for (kernel, warmUp) in [
      (KernelTests.kernels[0], 1000), (KernelTests.kernels[1], 0), (KernelTests.kernels[2], 0),
      (KernelTests.microcanonical[0], 1000), (KernelTests.microcanonical[1], 0),
    ] {
      var chain = try KernelTests.chain(Broken(home: [0, 0]), kernel, warmUp: warmUp)
      let error = #expect(throws: PosteriorError.self) {
        for _ in 0..<1000 { _ = try chain.advance() }
      }
      #expect(error?.code == .adaptationFailed)
    }
  }
}
