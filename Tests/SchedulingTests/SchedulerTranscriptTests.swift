import Scheduling
import Testing

@Suite struct SchedulerTranscriptTests {
  @Test(arguments: try Transcript.all(of: "Scheduler"))
  func tells(_ transcript: Transcript) throws {
    var subject = Subject()
    try transcript.check { words, seconds in
      var words = words
      let commands = try subject.take(&words, at: Instant(seconds: seconds))
      try subject.scheduler.checkInvariants()
      return commands.map(\.text)
    }
  }
}

/// A scheduler whose events are written as words, with the catalogue it can be restarted from.
private struct Subject {
  var scheduler = Scheduler()
  private var catalogue = Catalogue()

  mutating func take(_ words: inout Words, at now: Instant) throws -> [Command] {
    let commands: [Command]
    switch try words.next() {
    case "configure":
      var configuration = scheduler.configuration
      if words.skip("losses") { configuration.lossesMax = try words.integer() }
      scheduler = Scheduler(configuration: configuration)
      commands = []
    case "restart":
      (scheduler, commands) = catalogue.scheduler(scheduler.configuration, at: now)
    case "retry":
      let id = JobID(rawValue: try words.integer())
      guard let job = catalogue.jobs[id] else { throw Words.Unreadable(description: "there is no job \(id)") }
      commands = scheduler.retry(job, records: catalogue.records(of: id), at: now)
    case let verb:
      let event = try words.event(verb)
      if case .submitted(let job) = event { catalogue.add(job) }
      commands = scheduler.handle(event, at: now)
    }
    guard words.isEmpty else { throw Words.Unreadable(description: "there are words too many: \(words)") }
    for command in commands { catalogue.carryOut(command) }
    return commands
  }
}

extension Words {
  fileprivate mutating func event(_ verb: String) throws -> Event {
    switch verb {
    case "submit": return .submitted(try job())
    case "join":
      let worker = try worker()
      let slots = skip("slots") ? try integer() : 1
      let offer = skip("offers") ? try resources(until: "holding") : Resources()
      return .joined(worker, slots: slots, offer: offer, holding: skip("holding") ? try leases() : [])
    case "heard": return .heard(try worker())
    case "commit":
      let worker = try worker()
      return .committed(try commit(), by: worker)
    case "fail":
      let worker = try worker()
      return .failed(try lease(), by: worker)
    case "handback":
      let worker = try worker()
      return .handedBack(try leases(), by: worker)
    case "left": return .left(try worker())
    case "cancel": return .cancelled(JobID(rawValue: try integer()))
    case "tick": return .tick
    default: throw Unreadable(description: "\(verb) is no event")
    }
  }
}
