/// Tasks that only wait and return bytes: they measure a cluster instead of using it.
public struct ProbeSpecification: Equatable, Sendable {
  /// Number of tasks.
  public var tasks: Int
  /// Seconds each task works.
  public var seconds: Double
  /// Bytes of each task's result.
  public var bytes: Int
  /// Commits of each task.
  public var segments: Int
  /// Tasks a worker may hold besides the one it runs; by default 32 for tasks that only return bytes, else none, since
  /// what one worker holds another cannot do.
  public var leaseAhead: Int

  /// Creates a description of a probe.
  public init(tasks: Int = 1000, seconds: Double = 0, bytes: Int = 0, segments: Int = 1, leaseAhead: Int = 32) {
    self.tasks = tasks
    self.seconds = seconds
    self.bytes = bytes
    self.segments = segments
    self.leaseAhead = leaseAhead
  }
}

extension ProbeSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    tasks = try section.optional("tasks")?.integer(in: 1...1_000_000) ?? tasks
    seconds = try section.optional("seconds")?.number(in: 0...86_400) ?? seconds
    bytes = try section.optional("bytes")?.integer(in: 0...(1 << 26)) ?? bytes
    segments = try section.optional("segments")?.integer(in: 1...100_000) ?? segments
    leaseAhead = try section.optional("leaseAhead")?.integer(in: 0...1024) ?? (seconds > 0 ? 0 : leaseAhead)
  }
}
