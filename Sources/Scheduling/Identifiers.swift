/// A job, numbered by the catalogue in the order of submission.
public struct JobID: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  public static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }

  public var description: String { "\(rawValue)" }
}

/// A task of a job: the `index`-th of one of the job's groups. Written `job.group.index`.
public struct TaskID: Hashable, Comparable, Sendable, LosslessStringConvertible {
  public let job: JobID
  /// Position of the task's group in the job.
  public let group: Int
  /// Position of the task in its group.
  public let index: Int

  public init(job: JobID, group: Int, index: Int) {
    self.job = job
    self.group = group
    self.index = index
  }

  public init?(_ description: String) {
    let parts = description.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let job = parts[0], let group = parts[1], let index = parts[2] else { return nil }
    self.init(job: JobID(rawValue: job), group: group, index: index)
  }

  public static func < (left: TaskID, right: TaskID) -> Bool {
    (left.job, left.group, left.index) < (right.job, right.group, right.index)
  }

  public var description: String { "\(job).\(group).\(index)" }
}

extension TaskID: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let task = TaskID(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not job.group.index")
    }
    self = task
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// One run of a worker process; a restarted worker is another one.
public struct WorkerID: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  /// The name the worker chose at its start, unique among all workers.
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static func < (left: WorkerID, right: WorkerID) -> Bool { left.rawValue < right.rawValue }

  public var description: String { rawValue }
}

/// A point on the monotonic clock of one process.
public struct Instant: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The instant `seconds` after this one.
  public func advanced(bySeconds seconds: Double) -> Instant {
    Instant(nanoseconds: nanoseconds + Int64(seconds * 1e9))
  }

  /// Seconds from `earlier` to this instant.
  public func seconds(since earlier: Instant) -> Double { Double(nanoseconds - earlier.nanoseconds) / 1e9 }

  public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
}
