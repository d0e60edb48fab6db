import Scheduling

/// What a simulation is like. Everything is drawn from the seed, and many things are left out on purpose: a cluster that has
/// only some of the troubles goes deeper into these.
struct Options {
  var hosts = 0
  var workersPerHost = 0
  var slots = 0
  /// Seconds in which things go wrong, before everything is healed.
  var faultySeconds = 0.0
  var faultEverySeconds = 0.0
  var faults: [Fault] = []
  var latencySeconds = 0.0
  var lossRate = 0.0
  var duplicationRate = 0.0
  var spikeRate = 0.0
  /// Seconds that a host's clock gains or loses in one, at most.
  var drift = 0.0
  var fsyncSeconds = 0.0
  var tickSeconds = 0.0
  var restartSeconds = 0.0
  /// Seconds for a segment, roughly.
  var segmentSeconds = 0.0
  var openJobsMax = 0
  var flakyRate = 0.0
  var failingRate = 0.0
  var poisonRate = 0.0
  /// Workers that say things that are not true.
  var misbehavingRate = 0.0
  /// Workers that start again under the name they had.
  var keepsNames = false
  var unacknowledgedMax = 0
  var backlogMax = 0
  var scheduling = Scheduler.Configuration()
  /// What the workers of each host offer to a task; only one on the coordinator's host, and not always.
  var offers: [Resources] = []
  /// Tasks bring no files, so that nothing is uploaded or published.
  var bringsNothing = false
  /// Jobs that are given, instead of those a user brings by chance.
  var jobs: [JobDraft] = []

  init() {}

  init(_ chance: inout Chance) {
    hosts = chance.from(1...6)
    workersPerHost = chance.from(1...2)
    slots = chance.oneIn(2) ? 1 : chance.from(2...4)
    faultySeconds = chance.magnitude(60, 900)
    faultEverySeconds = chance.magnitude(2, 60)
    faults = Fault.allCases.filter { _ in chance.oneIn(2) }
    latencySeconds = chance.magnitude(0.0001, 0.1)
    lossRate = chance.oneIn(2) ? chance.magnitude(0.001, 0.05) : 0
    duplicationRate = chance.oneIn(2) ? chance.magnitude(0.001, 0.05) : 0
    spikeRate = chance.oneIn(2) ? chance.magnitude(0.001, 0.02) : 0
    drift = chance.oneIn(2) ? chance.magnitude(0.0001, 0.01) : 0
    fsyncSeconds = chance.magnitude(0.0002, 0.02)
    tickSeconds = chance.magnitude(0.1, 0.8)
    restartSeconds = chance.magnitude(0.2, 20)
    let segments = Double(chance.from(50...400))
    segmentSeconds = max(0.05, faultySeconds * Double(hosts * workersPerHost * slots) / segments)
    openJobsMax = chance.from(1...4)
    flakyRate = chance.oneIn(2) ? chance.magnitude(0.02, 0.5) : 0
    failingRate = chance.oneIn(3) ? chance.magnitude(0.01, 0.2) : 0
    poisonRate = chance.oneIn(4) ? chance.magnitude(0.01, 0.1) : 0
    misbehavingRate = chance.oneIn(3) ? 0.5 : 0
    keepsNames = chance.oneIn(4)
    unacknowledgedMax = chance.oneIn(2) ? 64 : chance.from(1...8)
    backlogMax = chance.oneIn(2) ? 4096 : chance.from(1...16)
    scheduling.leaseSeconds = chance.oneIn(2) ? 4.5 : chance.between(3.5, 10)
    scheduling.backoffSecondsMax = chance.oneIn(2) ? 60 : chance.between(1, 20)
    scheduling.lossesMax = chance.oneIn(2) ? 10 : chance.from(1...12)
    let areEqual = chance.oneIn(2)
    offers = (0...hosts).map { _ in
      areEqual
        ? Resources()
        : Resources(
          cores: chance.from(1...4), memoryBytes: chance.from(0...3) << 30, device: chance.oneIn(3) ? "cuda" : "cpu",
          labels: ["fast", "large"].filter { _ in chance.oneIn(3) })
    }
    offers[0] = Resources()
  }

  /// A large cluster in which nothing goes wrong, with one job of many short tasks.
  init(workers: Int, tasks: Int) {
    hosts = max(1, workers / 100)
    workersPerHost = max(1, workers / hosts)
    slots = 1
    faultySeconds = 1
    latencySeconds = 0.001
    fsyncSeconds = 0.0005
    tickSeconds = 1
    unacknowledgedMax = 64
    backlogMax = 4096
    openJobsMax = 1
    offers = Array(repeating: Resources(), count: hosts + 1)
    bringsNothing = true
    jobs = [
      JobDraft(
        groups: [Job.Group(count: tasks)], segments: [1], segmentSeconds: [1], natures: [[]])
    ]
  }

  /// One line for each group of options, to read before a trace.
  var description: String {
    """
    cluster     \(hosts + 1) hosts, \(workersPerHost) workers of \(slots) slots on each, names \(keepsNames ? "kept" : "new")
    work        \(openJobsMax) jobs at a time, segments of \(short(segmentSeconds)) s, \
    flaky \(short(flakyRate)), failing \(short(failingRate)), poison \(short(poisonRate))
    faults      for \(short(faultySeconds)) s, one in \(short(faultEverySeconds)) s: \
    \(faults.map { "\($0)" }.joined(separator: " "))
    network     latency \(short(latencySeconds)) s, lost \(short(lossRate)), twice \(short(duplicationRate)), \
    late \(short(spikeRate)), misbehaving \(short(misbehavingRate))
    processes   tick \(short(tickSeconds)) s, restart \(short(restartSeconds)) s, clock drift \(short(drift)), \
    fsync \(short(fsyncSeconds)) s
    numbers     lease \(short(scheduling.leaseSeconds)) s, back-off up to \(short(scheduling.backoffSecondsMax)) s, \
    losses \(scheduling.lossesMax), commits ahead \(unacknowledgedMax), backlog \(backlogMax)
    """
  }
}

/// Three digits are enough to recognise a number.
func short(_ value: Double) -> String {
  guard value != 0 else { return "0" }
  var (digits, scale) = (value, 1.0)
  while abs(digits) >= 1000 { (digits, scale) = (digits / 10, scale * 10) }
  while abs(digits) < 100 { (digits, scale) = (digits * 10, scale / 10) }
  let rounded = digits.rounded() * scale
  return rounded >= 100 ? "\(Int(rounded.rounded()))" : String("\(rounded)".prefix(6))
}
