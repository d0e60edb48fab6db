import Messaging
import Testing

/// What a peer can make a process hold has a bound, and who goes beyond it is cut off alone.
@Suite(.serialized) struct ConnectionGuardTests {
  private static func guarded(
    _ router: borrowing Listener, _ change: (inout ConnectionGuard.Limits) -> Void
  ) throws -> ConnectionGuard {
    var limits = ConnectionGuard.Limits()
    change(&limits)
    return try ConnectionGuard(
      port: try #require(UInt16(router.endpoint.split(separator: ":").last ?? "")), limits: limits)
  }

  /// A peer that speaks ZMTP 3.1 without keys.
  private static func shakeHands(_ endpoint: String) throws -> RawConnection {
    let raw = try RawConnection(to: endpoint)
    raw.write([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48))
    raw.read(64)
    let property = [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
    raw.write([0x04, 28, 5] + Array("READY".utf8) + property)
    raw.read(2 + 6 + 22)
    return raw
  }

  @Test func aMessageWithoutAnEndCutsItsSenderOff() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let watch = try Self.guarded(router) { $0.unreadBytesMax = 1 << 20 }
    let honest = try dealer(Context(), to: router.endpoint)
    let raw = try Self.shakeHands(router.endpoint)
    // Frames of 60,000 bytes, each of which says that more will come.
    let frame: [UInt8] = [0x03, 0, 0, 0, 0, 0, 0, 0xEA, 0x60] + [UInt8](repeating: 7, count: 60_000)
    var frames = 0
    while frames < 10_000, raw.write(frame) { frames += 1 }
    #expect(frames < 10_000, "it was cut off before it had sent 600 MB")
    #expect(watch.report.cuts == 1)
    #expect(watch.report.lastReason.contains("without a whole message"))
    _ = try honest.send(Message([[1]]))
    #expect(try router.socket.next().frames == [[1]])
  }

  @Test func whoIsHeardMaySendAsMuchAsItLikes() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let watch = try Self.guarded(router) { $0.unreadBytesMax = 4 << 20 }
    let honest = try dealer(Context(), to: router.endpoint)
    let message = Message([[UInt8](repeating: 1, count: 100_000)])
    var (sent, received) = (0, 0)
    while received < 400 {
      while sent < 400, sent < received + 16, try honest.send(message) == .sent { sent += 1 }
      let next = try router.socket.next()
      received += 1
      watch.heard([try #require(next.sourceDescriptor): next.byteCount])
    }
    #expect(watch.report.cuts == 0, "\(watch.report)")
  }

  @Test func whoDoesNotReadIsCutOff() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let watch = try Self.guarded(router) { $0.unsentBytesMax = 1 << 20 }
    var options = SocketOptions()
    options.receiveHighWaterMark = 1
    let idle = try dealer(Context(), to: router.endpoint, options)
    let reader = try dealer(Context(), to: router.endpoint)
    let message = [UInt8](repeating: 1, count: 100_000)
    for (peer, name) in [(0, [0]), (1, [1])] as [(Int, [UInt8])] {
      _ = try peer == 0 ? idle.send(Message([name])) : reader.send(Message([name]))
      let hello = try router.socket.next()
      let descriptor = try #require(hello.sourceDescriptor)
      watch.heard([descriptor: 1])
      var sent = 0
      while sent < 1000, watch.maySend(message.count, through: descriptor) {
        _ = try router.socket.send(Message([message], to: hello.routingID))
        if peer == 1 { _ = try reader.next() }
        sent += 1
      }
      #expect(peer == 1 ? sent == 1000 : sent < 300, "\(sent) messages of 100 kB")
    }
    #expect(watch.report.cuts == 1)
  }

  @Test func strangersBeyondTheLimitAreCutOffFirst() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let watch = try Self.guarded(router) { $0.connectionsMax = 10 }
    let honest = try dealer(Context(), to: router.endpoint)
    _ = try honest.send(Message([[1]]))
    watch.heard([try #require(try router.socket.next().sourceDescriptor): 1])
    let strangers = try (0..<30).map { _ in try Self.shakeHands(router.endpoint) }
    try withExtendedLifetime(strangers) {
      _ = try eventually("the end of most") { watch.report.cuts == 21 && watch.report.connections == 10 ? true : nil }
      #expect(strangers[0].isClosedByPeer())
    }
    _ = try honest.send(Message([[2]]))
    #expect(try router.socket.next().frames == [[2]])
  }
}
