import Formats
import Foundation
import Runtime
import Tensors

/// Speed of an ensemble as a user has it, a job of five LeNet-5 on two workers, from `tributary submit` to the end of its comparison:
/// reading, commits, predictions and scores are in it. Beside it two processes of PyTorch train as many members, three and two, and
/// do nothing else.
enum LeNetEnsemble {
  private static let (rounds, epochs, batch, pictures) = (3, 12, LeNetStep.batch, LeNetStep.pictures)
  private static let peers = ["eager", "compiled"]

  static func measure(in folder: String) throws {
    let processes = try peers.compactMap { name in
      let pair = try (0..<2).compactMap { _ in try PeerProcess("lenet_peer.py", [name], environment: "peers") }
      return pair.count == 2 ? pair : nil
    }
    let seen = Double(LeNetStep.members * epochs * pictures)
    var ours: [Double] = []
    var theirs = [[Double]](repeating: [], count: processes.count)
    for round in 0..<rounds {
      ours.append(try seen / seconds(in: "\(folder)/lenet-\(round)"))
      for (index, pair) in processes.enumerated() { theirs[index].append(try seen / seconds(of: pair)) }
    }
    report("a job on two workers, submission to scores", ours)
    for (pair, rates) in zip(processes, theirs) {
      report("two processes of PyTorch, \(pair[0].name), training alone", rates)
    }
    guard let fastest = theirs.map({ Sample($0).median }).max() else { return }
    Figure(
      name: "ensemble of five LeNet-5, images/s over the fastest peer", value: Sample(ours).median / fastest,
      unit: "times",
      bar: .atLeast(1.2)
    ).print()
  }

  private static func report(_ name: String, _ rates: [Double]) {
    Figure(
      name: "ensemble of five LeNet-5, 1x28x28, batch \(batch): \(name)", value: Sample(rates).median, unit: "images/s",
      note: "median of \(rates.count) alternated rounds of \(epochs) epochs of \(pictures)"
    ).print()
  }

  /// Seconds of a job in a new folder.
  private static func seconds(in folder: String) throws -> Double {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let path = try write(to: folder)
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    return try elapsed { try cluster.run(path, "lenet", client, every: 0.02) }
  }

  /// Seconds until both processes have trained their members.
  private static func seconds(of pair: [PeerProcess]) throws -> Double {
    let steps = epochs * pictures / batch
    return try elapsed {
      for (process, members) in zip(pair, [3, 2]) { try process.begin("\(members * steps)") }
      for process in pair { _ = try process.finish() }
    }
  }

  /// Writes the job and its pictures, which are noise.
  private static func write(to folder: String) throws -> String {
    let key = RandomKey(seed: 1)
    let pixels = key.purpose("images").uniforms(count: pictures * 784).map { UInt8($0 * 255) }
    let labels = key.purpose("labels").uniforms(count: pictures).map { UInt8($0 * 10) }
    let arrays = [
      ("images", IDXArray(pixels, shape: [pictures, 28, 28])), ("labels", IDXArray(labels, shape: [pictures])),
    ]
    for (name, array) in arrays {
      for part in ["", "test-"] { try Data(array.file).write(to: URL(fileURLWithPath: "\(folder)/\(part)\(name).idx")) }
    }
    let yaml = """
      kind: ensemble
      name: lenet
      data:
        - name: noise
          images: images.idx
          labels: labels.idx
          channels: 1
          resolution: 28
          test: {images: test-images.idx, labels: test-labels.idx, limit: 500}
      ensembles:
        - name: deep
          data: noise
          network: {type: lenet5}
          method: {type: deep, members: 5}
          training: {epochs: \(epochs), batch: \(batch), segment: \(epochs)}
      """
    let path = "\(folder)/lenet.yaml"
    try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }
}
