import Networks
import Specification
import Tensors
import Training

/// Speed of SGHMC on LeNet-5 on one core, as a member of an ensemble takes its steps, beside loops in PyTorch that take turns with it.
/// Seconds are the processor's.
enum ChainSteps {
  private static let (steps, rounds) = (100, 9)
  private static let peers = ["eager", "compiled"]

  static func measure() throws {
    try setThreadCount(1)
    keepFreedMemory()
    var chain = try Chain()
    try chain.advance(steps: 10)
    let peers = try peers.compactMap { try PeerProcess("sghmc_peer.py", [$0], environment: "peers") }
    var ours: [Double] = []
    var theirs = [[Double]](repeating: [], count: peers.count)
    for _ in 0..<rounds {
      ours.append(try processorSeconds { try chain.advance(steps: steps) } / Double(steps))
      for (index, peer) in peers.enumerated() { theirs[index].append(try peer.ask("\(steps)") / Double(steps)) }
    }
    report("tributary", ours)
    for (peer, times) in zip(peers, theirs) {
      report("PyTorch, \(peer.name)", times)
      Figure(
        name: "SGHMC on LeNet-5, steps/s over PyTorch, \(peer.name)",
        value: Sample(times).median / Sample(ours).median, unit: "times",
        bar: peer.name == "eager" ? .atLeast(1.25) : nil
      ).print()
    }
  }

  private static func report(_ name: String, _ times: [Double]) {
    Figure(
      name: "SGHMC on LeNet-5, 1x28x28, batch \(NoisePictures.batch), one thread: \(name)",
      value: 1 / Sample(times).median,
      unit: "steps/s", note: "median of \(times.count) alternated rounds; shuffled batches, prior and noise included"
    ).print()
  }

  /// A chain on noise, whose labels have nothing to do with it.
  private struct Chain {
    private let training: MemberTraining
    private let chain: StochasticChain
    private let pictures: NoisePictures

    init() throws {
      let network = try FeedForwardNetwork(ClassifierConfiguration(.lenet5), inputShape: [1, 28, 28], outputs: 10)
      training = try MemberTraining(
        MemberNetwork(network, .categorical(classes: 10, smoothing: 0)), TrainingConfiguration(priorPrecision: 1),
        examples: NoisePictures.count, steps: 1, key: RandomKey(seed: 1))
      chain = try StochasticChain(StochasticChainConfiguration(), training.parameters, examples: NoisePictures.count)
      pictures = try NoisePictures()
    }

    mutating func advance(steps: Int) throws {
      for _ in 0..<steps {
        let (images, labels) = try pictures.batch(training.step)
        _ = try training.advance(images, labels, chain: chain, rate: 0.01)
      }
    }
  }
}
