import Scheduling

/// How a task behaves, wherever it runs.
enum Nature {
  case healthy
  /// Fails so many times, and then no more.
  case flaky(Int)
  case failing
  /// Kills the process it runs in.
  case poison
}

/// A job as a user thinks of it, before the catalogue has given it a number.
struct JobDraft {
  var groups: [Job.Group]
  /// Segments of each task of a group.
  var segments: [Int]
  var segmentSeconds: [Double]
  /// How the tasks behave; those that are not named are healthy.
  var natures: [[Nature]]

  var share = 1

  func job(_ id: JobID) -> Job { Job(id: id, share: share, groups: groups) }
}

/// A job with everything that a workload knows of it, and what its results must be.
struct Work {
  let id: JobID
  let draft: JobDraft
  /// Results of every segment of every task, were nothing ever to go wrong.
  let results: [[[UInt64]]]

  init(_ draft: JobDraft, id: JobID) {
    self.id = id
    self.draft = draft
    var results: [[[UInt64]]] = []
    for (position, group) in draft.groups.enumerated() {
      let artifacts = group.after.flatMap { results[$0].flatMap { $0 } }
      results.append(
        (0..<group.count).map { index in
          let artifacts = artifacts + group.afterEach.flatMap { results[$0][index] }
          var state = Self.start(TaskID(job: id, group: position, index: index), artifacts: artifacts)
          return (0..<draft.segments[position]).map { segment in
            state = Self.advance(state, segment: segment)
            return Self.draws(state)
          }
        })
    }
    self.results = results
  }

  func segments(of task: TaskID) -> Int { draft.segments[task.group] }

  func nature(of task: TaskID) -> Nature {
    let natures = draft.natures[task.group]
    return natures.indices.contains(task.index) ? natures[task.index] : .healthy
  }

  /// Where a task starts: a function of what it is and of what the tasks before it have made.
  static func start(_ task: TaskID, artifacts: [UInt64]) -> UInt64 {
    let name = mix(UInt64(task.job.rawValue) << 40 ^ UInt64(task.group) << 32 ^ UInt64(task.index))
    return artifacts.reduce(name) { mix($0 &* 31 &+ $1) } & ~1
  }

  /// The checkpoint after a segment: a function of the one before.
  static func advance(_ state: UInt64, segment: Int) -> UInt64 { secondHalf(firstHalf(state, segment: segment)) }

  /// The state in the middle of a segment, which is odd: a task that pauses goes on from there.
  static func firstHalf(_ state: UInt64, segment: Int) -> UInt64 {
    mix(state &+ UInt64(segment) &* 0x9E37_79B9_7F4A_7C15) | 1
  }

  static func secondHalf(_ state: UInt64) -> UInt64 { mix(state) & ~1 }

  static func isHalfway(_ state: UInt64) -> Bool { !state.isMultiple(of: 2) }

  /// What a segment brings, read from the checkpoint after it.
  static func draws(_ state: UInt64) -> UInt64 { mix(~state) }

  static func digest(_ bytes: UInt64) -> Digest { mix(bytes ^ 0x5BD1_E995_5BD1_E995) }
}

extension JobDraft {
  /// A job by chance: one to three groups of a few tasks, which may wait for all tasks of another group, or each for one, or
  /// start beside them.
  init(_ chance: inout Chance, _ options: Options) {
    (groups, segments, segmentSeconds, natures) = ([], [], [], [])
    share = chance.oneIn(2) ? 1 : chance.from(1...5)
    for position in 0...chance.below(3) {
      var count = chance.below(6)
      var after: [Int] = []
      var afterEach: [Int] = []
      var beside: Job.Companionship?
      if position > 0 {
        switch chance.below(6) {
        case 0, 1: after = [chance.below(position)]
        case 2:
          afterEach = [chance.below(position)]
          count = min(count, groups[afterEach[0]].count)
        case 3:
          beside = Job.Companionship(group: chance.below(position), pace: Job.Companionship.Pace(&chance, options))
        default: break
        }
        // How many tasks there will be beside another group, nobody knows who waits for them.
        if (after + afterEach).contains(where: { groups[$0].beside != nil }) { (after, afterEach) = ([], []) }
      }
      groups.append(
        Job.Group(
          count: count, after: after, afterEach: afterEach, beside: beside,
          leaseAhead: chance.oneIn(2) ? chance.below(4) : 0, retries: chance.below(4), priority: chance.below(3),
          needs: Resources(neededOf: chance.element(of: options.offers), &chance)))
      segments.append(chance.from(1...6))
      segmentSeconds.append(options.segmentSeconds * chance.magnitude(0.3, 3))
      natures.append((0..<count).map { _ in Nature(&chance, options) })
    }
  }
}

extension Job.Companionship.Pace {
  fileprivate init(_ chance: inout Chance, _ options: Options) {
    self =
      chance.oneIn(2)
      ? .segments(chance.from(1...3)) : .seconds(options.segmentSeconds * chance.magnitude(0.3, 3))
  }
}

extension Resources {
  /// What some worker offers, or less.
  fileprivate init(neededOf offer: Resources?, _ chance: inout Chance) {
    guard let offer, chance.oneIn(2) else {
      self.init()
      return
    }
    self.init(
      cores: chance.from(1...offer.cores), memoryBytes: chance.oneIn(2) ? offer.memoryBytes : 0,
      device: chance.oneIn(2) ? offer.device : nil, labels: offer.labels.filter { _ in chance.oneIn(2) })
  }
}

extension Nature {
  fileprivate init(_ chance: inout Chance, _ options: Options) {
    if options.poisonRate > 0, chance.happens(options.poisonRate) {
      self = .poison
    } else if options.failingRate > 0, chance.happens(options.failingRate) {
      self = .failing
    } else if options.flakyRate > 0, chance.happens(options.flakyRate) {
      self = .flaky(chance.from(1...3))
    } else {
      self = .healthy
    }
  }
}
