import Foundation
import Scheduling
import Specification

extension Resources {
  /// What a task needs, as the scheduler sees it.
  public init(_ needs: Needs) {
    self.init(cores: needs.cores, memoryBytes: needs.memory, device: needs.device, labels: needs.labels)
  }

  /// For people: `2 cores, 8 GiB, cuda, fast-disk`.
  public var text: String {
    let memory = memoryBytes > 0 ? ["\(ByteCount(bytes: memoryBytes))"] : []
    return (["\(cores) core\(cores == 1 ? "" : "s")"] + memory + [device].compactMap { $0 } + labels)
      .joined(separator: ", ")
  }

  /// The memory of this host, in whole GiB.
  public static var hostMemoryBytes: Int {
    (Int(ProcessInfo.processInfo.physicalMemory) >> 30) << 30
  }
}
