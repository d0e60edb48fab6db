import Messaging
import Testing

/// Polls a condition until it gives a value; a test that waits longer than ten seconds has failed.
func eventually<Value>(
  _ what: String, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation,
  _ attempt: () throws -> Value?
) throws -> Value {
  let end = ContinuousClock.now + limit
  var empty = PollSet()
  while ContinuousClock.now < end {
    if let value = try attempt() { return value }
    try empty.wait(atMost: .milliseconds(1))
  }
  return try #require(nil, "\(what) did not come within \(limit)", sourceLocation: sourceLocation)
}

extension Socket {
  /// The next message.
  borrowing func next(_ what: String = "a message", sourceLocation: SourceLocation = #_sourceLocation) throws -> Message
  {
    var set = PollSet()
    set.add(self)
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      if let message = try receive() { return message }
      try set.wait(atMost: .milliseconds(100))
    }
    return try #require(nil, "\(what) did not come", sourceLocation: sourceLocation)
  }
}

extension Monitor {
  /// Events up to the first that fits.
  borrowing func until(
    sourceLocation: SourceLocation = #_sourceLocation, _ fits: (MonitorEvent.Kind) -> Bool
  ) throws -> [MonitorEvent.Kind] {
    var seen: [MonitorEvent.Kind] = []
    let end = ContinuousClock.now + .seconds(10)
    var set = PollSet()
    set.add(self)
    while ContinuousClock.now < end {
      while let event = try next() {
        seen.append(event.kind)
        if fits(event.kind) { return seen }
      }
      try set.wait(atMost: .milliseconds(100))
    }
    return try #require(nil, "the event did not come, only \(seen)", sourceLocation: sourceLocation)
  }
}

/// A router on a free loopback port, with its endpoint.
func boundRouter(_ context: Context, _ options: SocketOptions = SocketOptions()) throws -> Listener {
  let socket = try Socket(.router, context, options)
  let monitor = try Monitor(socket)
  try socket.bind("tcp://127.0.0.1:*")
  let endpoint = try socket.lastEndpoint
  return Listener(endpoint: endpoint, socket: socket, monitor: monitor)
}

struct Listener: ~Copyable {
  let endpoint: String
  let socket: Socket
  let monitor: Monitor
}

func dealer(_ context: Context, to endpoint: String, _ options: SocketOptions = SocketOptions()) throws -> Socket {
  let socket = try Socket(.dealer, context, options)
  try socket.connect(endpoint)
  return socket
}
