/// A Python process that trains the same U-Net, or its own of the same size, one step when asked.
final class UNetPeer {
  /// Peers by name: the environment of `Scripts/bench --peers`, and multiplications and additions of its network for one
  /// image and step, by PyTorch's counter.
  static let all: [(name: String, environment: String, flops: Double)] = [
    ("diffusers", "diffusers", 13.30e9), ("diffusers-channels-last", "diffusers", 13.30e9),
    ("ddp", "peers", 9.20e9), ("ddp-channels-last", "peers", 9.20e9),
  ]

  let name: String
  let flops: Double
  /// Processor seconds of each step of training and each pass of sampling.
  private(set) var (steps, passes) = ([Double](), [Double]())
  private let process: PeerProcess

  /// Starts a peer; nil if its environment is not installed.
  init?(_ name: String, environment: String, flops: Double) throws {
    guard let process = try PeerProcess("unet_peer.py", [name], environment: environment) else { return nil }
    (self.name, self.flops, self.process) = (name, flops, process)
    _ = try process.ask("train")
  }

  /// One step of training and one pass of sampling.
  func measure() throws {
    steps.append(try process.ask("train"))
    passes.append(try process.ask("sample"))
  }
}
