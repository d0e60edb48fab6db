import Formats
import Messaging
import Runtime

extension FuzzTarget {
  /// Words of the protocol.
  private static let words = [
    "\"1.0.3@2\"", "\"lease\"", "\"commit\"", "\"segment\"", "\"isLast\"", "\"outputs\"", "\"digest\"", "\"extent\"",
    "\"checkpoint\"", "\"layout\"", "\"progress\"", "\"figures\"", "\"worker\"", "\"holding\"", "\"offset\"",
    "\"size\"",
  ]

  /// The frames of a message, here divided by 0xff, which no text has.
  static let envelope = FuzzTarget("envelope", tokens: jsonTokens + words + [Envelope.version, "hello", "commits"]) {
    let frames = $0.split(separator: 0xff, omittingEmptySubsequences: false).map(Array.init)
    let envelope = try Envelope(frames: frames)
    try promise(envelope.frames == frames, "the frames are not what was read")
    if let body = messageBodies.first(where: { $0.type == envelope.type }) { try read(body, envelope) }
  }

  /// The body of every type of message.
  static let messages = messageBodies.map { body in
    FuzzTarget("message/\(body)", tokens: jsonTokens + words) {
      try read(body, try Envelope(frames: [Array(Envelope.version.utf8), Array(body.type.utf8), $0]))
    }
  }

  private static func read<Body: MessageBody>(_ type: Body.Type, _ envelope: Envelope) throws {
    let written = Envelope(try envelope.decode(type))
    let again = try promised("reading again") { Envelope(try written.decode(type)) }
    let (first, second) = try promised("reading as JSON") {
      (try JSON(bytes: written.body), try JSON(bytes: again.body))
    }
    try promise(first == second, "\(first) is read as \(second)")
  }
}
