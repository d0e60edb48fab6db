/// What a worker offers to each task that it runs, or what a task needs of its worker.
///
/// An offer is for one slot: a worker of 8 cores and 2 slots offers 4. Whether a task fits is then a matter of the two
/// values alone, and a task never waits for several smaller ones to make room for it.
public struct Resources: Hashable, Codable, Sendable {
  public var cores: Int
  public var memoryBytes: Int
  /// Kind of processor that computes, such as `cpu` or `cuda`; a need without one takes any.
  public var device: String?
  /// Words that say what else a worker has; sorted, each once.
  public let labels: [String]

  public init(cores: Int = 1, memoryBytes: Int = 0, device: String? = nil, labels: [String] = []) {
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.device = device
    self.labels = Set(labels).sorted()
  }

  /// Whether a task with these needs can run on what is offered.
  public func covers(_ needs: Resources) -> Bool {
    cores >= needs.cores && memoryBytes >= needs.memoryBytes
      && (needs.device == nil || needs.device == device)
      && needs.labels.allSatisfy(labels.contains)
  }
}
