import Tensors

/// Training and sampling speed of a U-Net on one core: what part of matrix products' speed it is, and how it compares with
/// peers that take turns with it. Seconds are the processor's, so that what else the machine does counts little.
enum UNetTraining {
  static func measure() throws {
    try setThreadCount(1)
    var step = try UNetStep()
    _ = try step()
    let peers = try UNetPeer.all.compactMap { try UNetPeer($0.name, environment: $0.environment, flops: $0.flops) }
    var (limits, steps, passes) = ([Double](), [Double](), [Double]())
    for _ in 0..<5 {
      limits.append(try MachineLimits.matrixProductRate())
      steps.append(try processorSeconds { _ = try step() })
      passes.append(try processorSeconds { try step.forward(batch: 8) })
      for peer in peers { try peer.measure() }
    }
    let limit = Sample(limits).median
    Figure(
      name: "products of 1024 x 1024 matrices by libtorch, float32, one thread", value: limit / 1e9, unit: "GFLOP/s"
    ).print()
    let (training, sampling) = (Sample(steps).median, Sample(passes).median)
    report("tributary", training, sampling, flops: UNetStep.flopsPerImage, limit: limit)
    for peer in peers {
      report(peer.name, Sample(peer.steps).median, Sample(peer.passes).median, flops: peer.flops, limit: limit)
    }
    guard !peers.isEmpty else { return }
    let ratios: [(String, Double)] = [
      ("images/s in training", peers.map { Sample($0.steps).median / training }.min() ?? 0),
      (
        "GFLOP/s in training",
        peers.map { Sample($0.steps).median / training / $0.flops * UNetStep.flopsPerImage }.min() ?? 0
      ),
      ("images/s in sampling", peers.map { Sample($0.passes).median / sampling }.min() ?? 0),
    ]
    for (name, ratio) in ratios {
      Figure(name: "U-Net, \(name), over the fastest peer", value: ratio, unit: "times", bar: .atLeast(1.3)).print()
    }
  }

  private static func report(_ name: String, _ training: Double, _ sampling: Double, flops: Double, limit: Double) {
    let images = Double(UNetStep.batch) / training
    Figure(
      name: "U-Net training, 3x32x32, batch 32: \(name)", value: images, unit: "images/s",
      note:
        "\(rounded(images * flops / 1e9)) GFLOP/s, \(rounded(images * flops / limit)) of matrix products; Adam included"
    ).print()
    Figure(
      name: "U-Net sampling, 50 evaluations an image, batch 8: \(name)", value: 8 / sampling / 50, unit: "images/s"
    ).print()
  }
}
