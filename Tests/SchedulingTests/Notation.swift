import Scheduling

/// How the values of the scheduler are written in transcripts: a lease is `job.group.index#epoch`.
extension Lease {
  var text: String { "\(task)#\(epoch)" }
}

extension Commit {
  var text: String { "\(lease.text) segment \(segment)\(isLast ? " last" : "")" }
}

extension Instant {
  init(seconds: Double) { self = Instant(nanoseconds: 0).advanced(bySeconds: seconds) }
}

extension Words {
  mutating func worker() throws -> WorkerID { WorkerID(rawValue: try next()) }

  mutating func lease() throws -> Lease {
    let word = try next()
    let parts = word.split(separator: "#").map(String.init)
    guard parts.count == 2, let task = TaskID(parts[0]), let epoch = Int(parts[1]) else {
      throw Unreadable(description: "\(word) is not job.group.index#epoch")
    }
    return Lease(task: task, epoch: epoch)
  }

  mutating func leases() throws -> [Lease] { try remaining { try $0.lease() } }

  mutating func commit() throws -> Commit {
    let lease = try lease()
    _ = skip("segment")
    return Commit(lease: lease, segment: try integer(), isLast: skip("last"))
  }

  /// `1 share 5 group 4 group 1 after 0 each 0 beside 0 segments 2 ahead 2 retries 1 priority 3 needs cores 2 gpu`: everything
  /// but the counts may be left out.
  mutating func job() throws -> Job {
    let id = JobID(rawValue: try integer())
    let share = skip("share") ? try integer() : 1
    var groups: [Job.Group] = []
    while skip("group") {
      let count = try integer()
      let after = skip("after") ? try next().split(separator: ",").compactMap { Int($0) } : []
      let each = skip("each") ? try next().split(separator: ",").compactMap { Int($0) } : []
      let beside = skip("beside") ? try companionship() : nil
      let ahead = skip("ahead") ? try integer() : 0
      let retries = skip("retries") ? try integer() : 3
      let priority = skip("priority") ? try integer() : 0
      let needs = skip("needs") ? try resources(until: "group") : Resources()
      groups.append(
        Job.Group(
          count: count, after: after, afterEach: each, beside: beside, leaseAhead: ahead, retries: retries,
          priority: priority, needs: needs))
    }
    return Job(id: id, share: share, groups: groups)
  }

  /// `0 segments 2` or `0 seconds 60`.
  private mutating func companionship() throws -> Job.Companionship {
    let group = try integer()
    if skip("segments") { return Job.Companionship(group: group, pace: .segments(try integer())) }
    _ = skip("seconds")
    return Job.Companionship(group: group, pace: .seconds(try number(Double.init)))
  }

  /// `cores 2 memory 1000 device cuda big`: other words are labels.
  mutating func resources(until end: String) throws -> Resources {
    var resources = Resources()
    var labels: [String] = []
    while !isEmpty, !isNext(end) {
      switch try next() {
      case "cores": resources.cores = try integer()
      case "memory": resources.memoryBytes = try integer()
      case "device": resources.device = try next()
      case let label: labels.append(label)
      }
    }
    return Resources(
      cores: resources.cores, memoryBytes: resources.memoryBytes, device: resources.device, labels: labels)
  }
}

extension Command {
  var text: String {
    switch self {
    case .persistTask(let task, let record): "persist \(task) \(record.text)"
    case .persistCommit(let commit): "persist commit \(commit.text)"
    case .persistLoss(let lease, let worker): "persist loss of \(worker) with \(lease.text)"
    case .persistOutcome(let job, let outcome): "persist job \(job) \(outcome?.rawValue ?? "running again")"
    case .dispatch(let lease, let segments, let worker): "dispatch \(lease.text) from segment \(segments) to \(worker)"
    case .acknowledge(let commit, let worker): "acknowledge \(commit.text) to \(worker)"
    case .publish(let task, let segment): "publish \(task) segment \(segment)"
    case .revoke(let lease, let worker): "revoke \(lease.text) from \(worker)"
    case .disconnect(let worker): "disconnect \(worker)"
    }
  }
}

extension Job.Task {
  var text: String {
    var text = "epoch \(epoch) segments \(segments)"
    if failures > 0 { text += " failures \(failures)" }
    if losses > 0 { text += " losses \(losses)" }
    return "\(text) \(state.text)"
  }
}

extension Job.Task.State {
  fileprivate var text: String {
    switch self {
    case .queued: "queued"
    case .backingOff(let until): "backing off until \(until.seconds(since: Instant(nanoseconds: 0)))"
    case .leased(let worker): "on \(worker)"
    case .completed: "completed"
    case .failed: "failed"
    }
  }
}

extension WorkerAgent.Command {
  var text: String {
    switch self {
    case .greet(let holding): holding.isEmpty ? "greet" : "greet holding \(holding.text)"
    case .heartbeat: "heartbeat"
    case .start(let lease): "start \(lease.text)"
    case .stop(let lease): "stop \(lease.text)"
    case .finish(let lease): "finish \(lease.text)"
    case .send(let commit): "send \(commit.text)"
    case .sendFailure(let lease): "send failure \(lease.text)"
    case .handBack(let leases): leases.isEmpty ? "hand back nothing" : "hand back \(leases.text)"
    case .forget(let commit): "forget \(commit.text)"
    case .leave: "leave"
    }
  }
}

extension [Lease] {
  fileprivate var text: String { map(\.text).joined(separator: " ") }
}
