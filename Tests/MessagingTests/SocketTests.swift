import Glibc
import Messaging
import Testing

@Suite struct SocketTests {
  @Test func multipartMessagesArriveWhole() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let dealer = try dealer(context, to: router.endpoint)
    let large = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    let frames: [[UInt8]] = [[], [1, 2, 3], large, []]

    #expect(try dealer.send(Message(frames)) == .sent)
    let question = try router.socket.next()
    #expect(question.frames == frames)
    #expect(question.userID == nil)
    #expect(question.sourceDescriptor != nil)
    #expect(!question.routingID.isEmpty)

    #expect(try router.socket.send(Message(frames.reversed(), to: question.routingID)) == .sent)
    let answer = try dealer.next()
    #expect(answer.frames == frames.reversed())
    #expect(answer.routingID.isEmpty)
    #expect(try dealer.receive() == nil)
    #expect { try dealer.send(Message([])) } throws: { ($0 as? MessagingError)?.code == .invalidMessage }
  }

  @Test func aFullQueueWouldBlockAndLosesNothing() throws {
    let context = try Context()
    var options = SocketOptions()
    options.sendHighWaterMark = 4
    options.receiveHighWaterMark = 4
    let router = try boundRouter(context, options)
    let dealer = try dealer(context, to: router.endpoint, options)
    var sent = 0
    while try dealer.send(Message([[UInt8(truncatingIfNeeded: sent)], [UInt8](repeating: 0, count: 1 << 20)])) == .sent
    {
      sent += 1
      try #require(sent < 200, "backpressure never came")
    }
    #expect(sent >= 4)
    for index in 0..<sent { #expect(try router.socket.next().frames[0] == [UInt8(truncatingIfNeeded: index)]) }
    var writable = PollSet()
    writable.add(dealer, for: .writable)
    #expect(try writable.wait(atMost: .seconds(10)) == 1)
    #expect(try dealer.send(Message([[9]])) == .sent)
    #expect(try router.socket.next().frames == [[9]])
  }

  @Test func aRouterTellsUnreachableFromFull() throws {
    let context = try Context()
    var options = SocketOptions()
    options.sendHighWaterMark = 2
    options.receiveHighWaterMark = 2
    let router = try boundRouter(context, options)
    #expect(try router.socket.send(Message([[1]], to: [1, 2, 3])) == .unreachable)
    let dealer = try dealer(context, to: router.endpoint, options)
    _ = try dealer.send(Message([[1]]))
    let peer = try router.socket.next().routingID
    let large = Message([[], [UInt8](repeating: 0, count: 1 << 20)], to: peer)
    var sent = 0
    while try router.socket.send(large) == .sent {
      sent += 1
      try #require(sent < 200, "backpressure never came")
    }
    #expect(try router.socket.send(large) == .wouldBlock)
    for _ in 0..<sent { #expect(try dealer.next().frames == large.frames) }
  }

  @Test func aDyingPeerIsToldByTheDescriptorOfItsMessages() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let survivor = try dealer(context, to: router.endpoint)
    _ = try survivor.send(Message([[1]]))
    let survivorDescriptor = try router.socket.next().sourceDescriptor
    var message: Message?
    do {
      let other = try Context()
      let mortal = try dealer(other, to: router.endpoint)
      _ = try mortal.send(Message([[2]]))
      message = try router.socket.next()
    }
    let descriptor = try #require(message?.sourceDescriptor)
    #expect(descriptor != survivorDescriptor)
    let seen = try router.monitor.until { if case .disconnected = $0 { true } else { false } }
    #expect(seen.contains(.accepted(descriptor: descriptor)))
    #expect(seen.last == .disconnected(descriptor: descriptor))
    let peer = try #require(message?.routingID)
    _ = try eventually("EHOSTUNREACH") { try router.socket.send(Message([[3]], to: peer)) == .unreachable ? true : nil }
  }

  @Test func aReturningPeerTakesOverItsRoutingIdentity() throws {
    let context = try Context()
    let router = try boundRouter(context)
    var options = SocketOptions()
    options.routingID = Array("worker".utf8)
    let before = try dealer(context, to: router.endpoint, options)
    _ = try before.send(Message([[1]]))
    #expect(try router.socket.next().routingID == options.routingID)
    // The first connection still stands, as after a power loss that the kernel did not notice.
    let after = try dealer(context, to: router.endpoint, options)
    _ = try after.send(Message([[2]]))
    #expect(try router.socket.next().frames == [[2]])
    #expect(try router.socket.send(Message([[3]], to: Array("worker".utf8))) == .sent)
    #expect(try after.next().frames == [[3]])
    #expect(try before.receive() == nil)
  }

  @Test func anOversizedFrameCutsItsSenderOffAndNobodyElse() throws {
    let context = try Context()
    var options = SocketOptions()
    options.frameBytesMax = 4096
    let router = try boundRouter(context, options)
    let good = try dealer(context, to: router.endpoint)
    let bad = try dealer(context, to: router.endpoint)
    _ = try good.send(Message([[UInt8](repeating: 1, count: 4096)]))
    #expect(try router.socket.next().frames[0].count == 4096)
    _ = try bad.send(Message([[UInt8](repeating: 1, count: 4097)]))
    _ = try router.monitor.until { if case .disconnected = $0 { true } else { false } }
    _ = try good.send(Message([[2]]))
    #expect(try router.socket.next().frames == [[2]])
  }

  @Test func aMessageOfTooManyFramesIsDroppedAlone() throws {
    let context = try Context()
    var options = SocketOptions()
    options.framesMax = 3
    let router = try boundRouter(context, options)
    let dealer = try dealer(context, to: router.endpoint)
    _ = try dealer.send(Message(Array(repeating: [1], count: 4)))
    _ = try dealer.send(Message(Array(repeating: [2], count: 3)))
    #expect { try router.socket.next() } throws: { ($0 as? MessagingError)?.code == .invalidMessage }
    #expect(try router.socket.next().frames == [[2], [2], [2]])
  }

  @Test func garbageAndHalfOpenConnectionsDisturbNobody() throws {
    let context = try Context()
    var options = SocketOptions()
    options.handshakeInterval = .milliseconds(300)
    let router = try boundRouter(context, options)
    var named = SocketOptions()
    named.routingID = Array("good".utf8)
    let dealer = try dealer(context, to: router.endpoint, named)
    let silent = try RawConnection(to: router.endpoint)
    for seed in 0..<20 {
      let garbage = try RawConnection(to: router.endpoint)
      garbage.write((0..<997).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 2_654_435_761 >> 11) })
    }
    // A ZMTP greeting that announces a frame of 2^63 - 1 bytes.
    let hostile = try RawConnection(to: router.endpoint)
    hostile.write([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48))
    hostile.write([0x06, 0x7F] + [UInt8](repeating: 0xFF, count: 7))
    #expect(silent.isClosedByPeer(), "a half-open connection must be closed after the handshake interval")
    #expect(hostile.isClosedByPeer())
    // Without CURVE libzmq takes what does not look like ZMTP for version 1.0 of it: garbage can arrive as messages.
    for index in 0..<100 {
      _ = try dealer.send(Message([[UInt8(index)]]))
      var message = try router.socket.next()
      while message.routingID != named.routingID { message = try router.socket.next() }
      #expect(message.frames == [[UInt8(index)]])
    }
  }

  @Test func aPortInUseSaysWhichAndWhatToDo() throws {
    let context = try Context()
    let router = try boundRouter(context)
    let second = try Socket(.router, context)
    let error = try #require(throws: MessagingError.self) { try second.bind(router.endpoint) }
    #expect(error.code == .addressInUse)
    #expect(error.errorNumber == EADDRINUSE)
    #expect(error.message.contains(router.endpoint))
    #expect(error.message.contains("another port"))
    let foreign = try #require(throws: MessagingError.self) { try second.bind("tcp://192.0.2.1:5555") }
    #expect(foreign.code == .addressNotAvailable)
    try second.bind("tcp://localhost:0")
    #expect(try second.lastEndpoint.hasPrefix("tcp://127.0.0.1:"))
  }

  @Test func aPollSetSeesSocketsDescriptorsAndClosedSockets() throws {
    let context = try Context()
    let left = try Socket(.pair, context)
    try left.bind("inproc://poll")
    let wakeUp = try WakeUp()
    var set = PollSet()
    let descriptor = set.add(descriptor: wakeUp.descriptor)
    let socket = set.add(left)
    #expect(try set.wait(atMost: .zero) == 0)
    let thread = try OwnedThread(name: "signal") { for _ in 0..<3 { wakeUp.signal() } }
    #expect(try set.wait(atMost: .seconds(10)) == 1)
    #expect(set[descriptor] == .readable && set[socket] == [])
    _ = consume thread
    #expect(wakeUp.drain())
    #expect(!wakeUp.drain())
    do {
      let right = try Socket(.pair, context)
      try right.connect("inproc://poll")
      _ = try right.send(Message([[1]]))
      #expect(try set.wait(atMost: .seconds(10)) == 1)
      #expect(set[socket] == .readable)
      set.add(right)
    }
    #expect { try set.wait(atMost: .zero) } throws: { ($0 as? MessagingError)?.code == .closed }
  }

  @Test(.timeLimit(.minutes(1))) func closingNeverHangs() throws {
    for round in 0..<20 {
      let context = try Context()
      var options = SocketOptions()
      options.linger = .milliseconds(10)
      let nowhere = try dealer(context, to: "tcp://127.0.0.1:1", options)
      _ = try nowhere.send(Message([[1]]))
      let router = try Socket(.router, context, options)
      let monitor = try Monitor(router)
      try router.bind("tcp://127.0.0.1:*")
      let peers = try (0..<4).map { _ in Peer(socket: try dealer(context, to: try router.lastEndpoint, options)) }
      for peer in peers { _ = try peer.socket.send(Message([[UInt8](repeating: 1, count: 1 << 16)])) }
      _ = try monitor.until { $0 == .handshakeSucceeded }
      if round % 2 == 0 { _ = consume monitor } else { _ = consume router }
    }
  }

  @Test func optionsOutsideTheirRangeAreNamed() throws {
    let context = try Context()
    var options = SocketOptions()
    options.heartbeatTimeToLive = .seconds(66)
    let error = try #require(throws: MessagingError.self) { _ = try Socket(.router, context, options) }
    #expect(error.code == .invalidOption)
    #expect(error.message.contains("heartbeatTimeToLive"))
  }
}

/// A socket that can stand in an array.
private final class Peer {
  let socket: Socket

  init(socket: consuming Socket) { self.socket = socket }
}

/// A TCP connection without any ZeroMQ.
final class RawConnection {
  private let descriptor: Int32

  init(to endpoint: String) throws {
    let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
  }

  deinit { close(descriptor) }

  /// Returns whether the other side still takes bytes.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool { send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count }

  /// Waits for so many bytes.
  func read(_ count: Int) {
    var buffer = [UInt8](repeating: 0, count: count)
    _ = recv(descriptor, &buffer, count, Int32(MSG_WAITALL))
  }

  /// Reads until the other side hangs up; `false` after ten seconds.
  func isClosedByPeer() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 { return true }
      if count < 0 { return errno == ECONNRESET || errno == EPIPE }
    }
  }
}
