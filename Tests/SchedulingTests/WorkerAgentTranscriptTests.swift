import Scheduling
import Testing

@Suite struct WorkerAgentTranscriptTests {
  @Test(arguments: try Transcript.all(of: "WorkerAgent"))
  func tells(_ transcript: Transcript) throws {
    var agent = WorkerAgent()
    try transcript.check { words, seconds in
      var words = words
      if words.skip("slots") {
        var configuration = WorkerAgent.Configuration()
        configuration.slots = try words.integer()
        agent = WorkerAgent(configuration: configuration)
        return []
      }
      let commands = agent.handle(try words.agentEvent(), at: Instant(seconds: seconds))
      guard words.isEmpty else { throw Words.Unreadable(description: "there are words too many: \(words)") }
      return commands.map(\.text)
    }
  }
}

extension Words {
  fileprivate mutating func agentEvent() throws -> WorkerAgent.Event {
    switch try next() {
    case "connected": .connected
    case "welcomed": .welcomed
    case "unknown": .unknown
    case "dispatched": .dispatched(try leases())
    case "acknowledged": .acknowledged(try commit())
    case "revoked": .revoked(try lease())
    case "produced": .produced(try commit())
    case "failed": .failed(try lease())
    case "paused": .paused(try lease())
    case "drain": .drain
    case "abandon": .abandon
    case "tick": .tick
    case let verb: throw Unreadable(description: "\(verb) is no event")
    }
  }
}
