import Messaging
import Testing

/// A server with one allowed client, and a stranger.
private struct Keys {
  let server: KeyPair
  let client: KeyPair
  let stranger: KeyPair

  init() throws {
    server = try KeyPair.generate()
    client = try KeyPair.generate()
    stranger = try KeyPair.generate()
  }

  var allowed: AllowedKeys { AllowedKeys([client.publicKey: .init(name: "host1", role: .worker)]) }

  func router(_ authenticator: Authenticator) throws -> SocketOptions {
    var options = SocketOptions()
    options.security = .server(server.secretKey, authenticator)
    options.handshakeInterval = .milliseconds(300)
    options.frameBytesMax = 4096
    return options
  }

  func dealer(_ keys: KeyPair, server key: PublicKey? = nil) -> SocketOptions {
    var options = SocketOptions()
    options.security = .client(keys, server: key ?? server.publicKey)
    return options
  }
}

@Suite struct SecurityTests {
  @Test func anAllowedKeyIsTheUserOfEveryMessage() throws {
    let keys = try Keys()
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: keys.allowed)
    let router = try boundRouter(context, keys.router(authenticator))
    let remote = try Context()
    let client = try dealer(remote, to: router.endpoint, keys.dealer(keys.client))
    for _ in 0..<3 { _ = try client.send(Message([[1], [UInt8](repeating: 2, count: 4096)])) }
    for _ in 0..<3 {
      let message = try router.socket.next()
      #expect(message.userID == keys.client.publicKey.z85)
      #expect(message.frames[1].count == 4096, "the limit is on the frame, whatever CURVE adds")
      #expect(try router.socket.send(Message([[3]], to: message.routingID)) == .sent)
    }
    #expect(try client.next().frames == [[3]])
    #expect(authenticator.refusals.count == 0)

    _ = try client.send(Message([[UInt8](repeating: 2, count: 4097)]))
    _ = try router.monitor.until { if case .disconnected = $0 { true } else { false } }
  }

  @Test func anUnknownKeyGetsNothingAndIsToldSo() throws {
    let keys = try Keys()
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: keys.allowed)
    let router = try boundRouter(context, keys.router(authenticator))
    let remote = try Context()
    let stranger = try Socket(.dealer, remote, keys.dealer(keys.stranger))
    let monitor = try Monitor(stranger)
    try stranger.connect(router.endpoint)
    _ = try stranger.send(Message([[1]]))
    let seen = try monitor.until { if case .handshakeFailedAuth = $0 { true } else { false } }
    #expect(seen.last == .handshakeFailedAuth(status: 400))
    #expect(!seen.contains(.handshakeSucceeded))
    let refusals = authenticator.refusals
    #expect(refusals.count >= 1)
    #expect(refusals.last?.key == keys.stranger.publicKey)
    #expect(refusals.last?.address == "127.0.0.1")
    try expectOnly(keys.client, keys, router)
  }

  @Test func aNewListIsInForceAtOnceAndAConnectionCanBeCut() throws {
    let keys = try Keys()
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: AllowedKeys())
    let router = try boundRouter(context, keys.router(authenticator))
    authenticator.admit(keys.allowed)
    let client = try Socket(.dealer, Context(), keys.dealer(keys.client))
    let monitor = try Monitor(client)
    try client.connect(router.endpoint)
    _ = try client.send(Message([[1]]))
    let message = try router.socket.next()
    let descriptor = try #require(message.sourceDescriptor)
    let other = try dealer(Context(), to: router.endpoint, keys.dealer(keys.client))
    _ = try other.send(Message([[2]]))
    let another = try router.socket.next()

    authenticator.admit(AllowedKeys())
    #expect(try router.socket.send(Message([[3]], to: message.routingID)) == .sent, "a connection that stands goes on")
    #expect(try client.next().frames == [[3]])
    router.socket.cut(descriptor)
    _ = try router.monitor.until { $0 == .disconnected(descriptor: descriptor) }
    let seen = try monitor.until { if case .handshakeFailedAuth = $0 { true } else { false } }
    #expect(seen.contains { if case .disconnected = $0 { true } else { false } }, "the peer sees it and tries again")
    #expect(try router.socket.send(Message([[4]], to: another.routingID)) == .sent, "nobody else is cut off")
    #expect(try other.next().frames == [[4]])
  }

  @Test func aWrongServerKeyAndAPlainPeerGetNothing() throws {
    let keys = try Keys()
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: keys.allowed)
    let router = try boundRouter(context, keys.router(authenticator))
    let remote = try Context()
    let plain = try dealer(remote, to: router.endpoint)
    _ = try plain.send(Message([[1]]))
    _ = try router.monitor.until(isRefusal)
    let misled = try dealer(
      remote, to: router.endpoint, keys.dealer(keys.client, server: keys.stranger.publicKey))
    _ = try misled.send(Message([[1]]))
    _ = try router.monitor.until(isRefusal)
    try expectOnly(keys.client, keys, router)
    #expect(try plain.receive() == nil)
    #expect(try misled.receive() == nil)
  }

  @Test func aServerWithoutAListRefusesEveryone() throws {
    let keys = try Keys()
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: AllowedKeys())
    let router = try boundRouter(context, keys.router(authenticator))
    let client = try Socket(.dealer, context, keys.dealer(keys.client))
    let monitor = try Monitor(client)
    try client.connect(router.endpoint)
    _ = try client.send(Message([[1]]))
    let seen = try monitor.until { if case .handshakeFailedAuth = $0 { true } else { false } }
    #expect(!seen.contains(.handshakeSucceeded))
    #expect(authenticator.refusals.last?.key == keys.client.publicKey)
    #expect(try router.socket.receive() == nil)
  }

  @Test func manyRawConnectionsDoNotStarveACurveServer() throws {
    let keys = try Keys()
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: keys.allowed)
    let router = try boundRouter(context, keys.router(authenticator))
    let scanners = try (0..<50).map { _ in try RawConnection(to: router.endpoint) }
    for (index, scanner) in scanners.enumerated() where index % 2 == 0 {
      scanner.write([UInt8](repeating: UInt8(index), count: 200))
    }
    try expectOnly(keys.client, keys, router)
    #expect(scanners.allSatisfy { $0.isClosedByPeer() })
  }

  /// The authenticator's own socket is open to the whole process: what is not a request must not be answered with yes.
  @Test func malformedAuthenticationRequestsAreRefused() throws {
    let key = [UInt8](repeating: 1, count: 32)
    let allowed = try PublicKey(z85: String(repeating: "0rAi4", count: 8))
    let context = try Context()
    let authenticator = try Authenticator(context, allowed: AllowedKeys([allowed: .init(name: "host1", role: .worker)]))
    let asker = try Socket(.dealer, context)
    try asker.connect("inproc://zeromq.zap.01")
    let good: [[UInt8]] = ["", "1.0", "7", "tributary", "10.0.0.1", "", "CURVE"].map { Array($0.utf8) }
    _ = try asker.send(Message(good + [key]))
    #expect(try asker.next().frames == ["", "1.0", "7", "200", "OK", allowed.z85, ""].map { Array($0.utf8) })
    var wrong = [
      good, good + [[]], good + [key, key], good + [Array(key.dropLast())], good + [key.map { $0 + 1 }],
      Array(good.prefix(3)),
    ]
    for (index, text) in [(1, "2.0"), (3, "other"), (6, "NULL"), (6, "PLAIN")] {
      var request = good + [key]
      request[index] = Array(text.utf8)
      wrong.append(request)
    }
    for request in wrong {
      _ = try asker.send(Message(request))
      let reply = try asker.next().frames
      #expect(reply.count == 7 && reply[2] == Array("7".utf8) && reply[3] == Array("400".utf8) && reply[5].isEmpty)
    }
    _ = try asker.send(Message([[], Array("1.0".utf8)]))
    _ = try eventually("the last refusal") { authenticator.refusals.count == UInt64(wrong.count + 1) ? true : nil }
    #expect { _ = try Authenticator(context, allowed: AllowedKeys()) } throws: {
      ($0 as? MessagingError)?.code == .addressInUse
    }
  }

  @Test func aServerNeedsTheAuthenticatorOfItsOwnContext() throws {
    let keys = try Keys()
    let foreign = try Authenticator(Context(), allowed: AllowedKeys())
    let options = try keys.router(foreign)
    let context = try Context()
    #expect { _ = try Socket(.router, context, options) } throws: {
      ($0 as? MessagingError)?.code == .invalidOption
    }
  }

  /// Both sides notice that they do not fit; whoever is first hangs up.
  private func isRefusal(_ event: MonitorEvent.Kind) -> Bool {
    switch event {
    case .handshakeFailedProtocol, .handshakeFailedNoDetail: true
    default: false
    }
  }

  /// The allowed client, who asks last, is the only one of whom the router has a message.
  private func expectOnly(_ allowed: KeyPair, _ keys: Keys, _ router: borrowing Listener) throws {
    let remote = try Context()
    let client = try dealer(remote, to: router.endpoint, keys.dealer(allowed))
    _ = try client.send(Message([[42]]))
    let message = try router.socket.next()
    #expect(message.frames == [[42]])
    #expect(message.userID == allowed.publicKey.z85)
    #expect(try router.socket.receive() == nil)
  }
}
