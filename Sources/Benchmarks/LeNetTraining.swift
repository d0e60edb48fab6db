import Tensors

/// Speed of training an ensemble of small networks on one core, beside peers that take turns with it. Seconds are the
/// processor's.
enum LeNetTraining {
  private static let peers = ["eager", "eager-channels-last", "compiled"]
  private static let stepsEach = 10

  static func measure() throws {
    try setThreadCount(1)
    var step = try LeNetStep()
    _ = try step(stepsEach: 2)
    let peers = try peers.compactMap { try PeerProcess("lenet_peer.py", [$0], environment: "peers") }
    let pictures = Double(LeNetStep.batch * LeNetStep.members * stepsEach)
    var ours: [Double] = []
    var theirs = [[Double]](repeating: [], count: peers.count)
    for _ in 0..<9 {
      ours.append(try processorSeconds { _ = try step(stepsEach: stepsEach) } / pictures)
      for (index, peer) in peers.enumerated() {
        theirs[index].append(try peer.ask("\(LeNetStep.members * stepsEach)") / pictures)
      }
    }
    report("tributary", ours)
    for (peer, times) in zip(peers, theirs) { report("PyTorch, \(peer.name)", times) }
    guard let fastest = theirs.map({ Sample($0).median }).min() else { return }
    Figure(
      name: "LeNet-5, images/s in training, over the fastest peer", value: fastest / Sample(ours).median, unit: "times",
      bar: .atLeast(1.2)
    ).print()
  }

  private static func report(_ name: String, _ times: [Double]) {
    Figure(
      name: "training of five LeNet-5, 1x28x28, batch 128, one thread: \(name)", value: 1 / Sample(times).median,
      unit: "images/s", note: "median of \(times.count); shuffled batches and steps of SGD included"
    ).print()
  }
}
