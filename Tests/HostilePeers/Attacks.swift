import Foundation
import Messaging
import TestSupport

/// The attacks of a storm.
struct Attacks: Sendable {
  let target: Storm.Target
  let halfOpen: Int
  let progress: Progress

  var all: [(name: String, attack: @Sendable () throws -> Void)] {
    [
      ("half-open connections", openHalf), ("strangers", connectStrangers), ("oversized frames", sendOversized),
      ("malformed messages", sendMalformed), ("forged claims", sendForged), ("largest frames", sendLargest),
      ("many frames", sendManyFrames), ("pieces of blobs", sendPieces),
      ("slow reader of blobs", { try readNothing("fetch", "{\"digest\":\"\(target.blob)\",\"offset\":0}") }),
      ("slow reader of jobs", { try readNothing("jobs?", "{}") }),
    ]
  }

  /// TCP connections that never speak, or stop in the middle of a greeting or of a handshake.
  private func openHalf() throws {
    let greeting: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0] + Array("CURVE".utf8)
    let whole = greeting + [UInt8](repeating: 0, count: 64 - greeting.count)
    let connections = RawConnections()
    var opened = 0
    while !progress.isStopping.load(ordering: .relaxed) {
      connections.dropClosed()
      for _ in connections.count..<max(connections.count, halfOpen) {
        let bytes = [[], greeting, whole, Array("GET / HTTP/1.1\r\n\r\n".utf8)][opened % 4]
        try connections.open(port: target.port, sending: bytes, from: 1 + opened % 250)
        opened += 1
        progress.note("half-open connections", 1)
        // As fast as a host can, yet not faster than the backlog of a listening socket.
        if opened.isMultiple(of: 50) { Thread.sleep(forTimeInterval: 0.005) }
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Peers whose key is not on the list, or who take the server for another.
  private func connectStrangers() throws {
    let other = try KeyPair.generate()
    while !progress.isStopping.load(ordering: .relaxed) {
      for server in [target.serverKey, other.publicKey] {
        let stranger = try KeyPair.generate()
        let peer = try HostilePeer(target.endpoint, security: .client(stranger, server: server), linger: .zero)
        try peer.send("jobs?", "{}")
        Thread.sleep(forTimeInterval: 0.02)
        progress.note("strangers", 1)
      }
    }
  }

  /// Frames above the limit: each costs its sender the connection.
  private func sendOversized() throws {
    let peer = try attacker(target.asWorker)
    let frame = [UInt8](repeating: 7, count: 5 << 20)
    try progress.repeating("oversized frames") {
      Thread.sleep(forTimeInterval: 0.02)
      return try peer.send(frames: [frame])
    }
  }

  /// A worker whose messages have no sense.
  private func sendMalformed() throws {
    let peer = try worker("evil-1")
    let bodies = [
      "", "{", "[]", "null", "{\"reports\":{}}", "{\"leases\":[{}]}", String(repeating: "[", count: 20_000),
      "{\"reports\":" + String(repeating: "[", count: 512), "{\"digest\":\"zz\",\"size\":1,\"offset\":0}",
    ]
    let types = ["commits", "heartbeat", "failure", "handback", "put", "fetch", "submit", "nonsense", "hello"]
    var random = SplitMix64(seed: 1)
    try progress.repeating("malformed messages") {
      try peer.send(types[random.below(types.count)], bodies[random.below(bodies.count)])
    }
  }

  /// A worker that claims tasks it does not hold.
  private func sendForged() throws {
    let peer = try worker("evil-2")
    var random = SplitMix64(seed: 2)
    try progress.repeating("forged claims") {
      let reports = (0..<20).map { _ in
        let lease = "\(1 + random.below(3)).0.\(random.below(100_000))@\(random.oneIn(2) ? 0 : 99)"
        return "{\"commit\":{\"lease\":\"\(lease)\",\"segment\":\(random.below(2)),\"isLast\":true}}"
      }
      return try peer.send("commits", "{\"reports\":[\(reports.joined(separator: ","))]}")
    }
  }

  /// Messages of the largest frames that are taken.
  private func sendLargest() throws {
    let peer = try worker("evil-3")
    let frame = [UInt8](repeating: UInt8(ascii: " "), count: 2 << 20)
    try progress.repeating("largest frames") {
      try peer.send(frames: [Array(Envelope.version.utf8), Array("commits".utf8), frame])
    }
  }

  /// Messages of thousands of frames.
  private func sendManyFrames() throws {
    let peer = try worker("evil-4")
    let frames = Array(repeating: [UInt8](repeating: 1, count: 64), count: 5000)
    try progress.repeating("messages of 5,000 frames") { try peer.send(frames: frames) }
  }

  /// Pieces of blobs at absurd places.
  private func sendPieces() throws {
    let peer = try attacker(target.asClient)
    var random = SplitMix64(seed: 3)
    let piece = [UInt8](repeating: 9, count: 1000)
    try progress.repeating("absurd pieces of blobs") {
      let digest = String(format: "%064x", random.below(1000))
      let offset = [0, -1, .max, 1 << 40, 1][random.below(5)]
      let size = [1 << 40, 0, -1, .max][random.below(4)]
      return try peer.send("put", "{\"digest\":\"\(digest)\",\"size\":\(size),\"offset\":\(offset)}", payload: piece)
    }
  }

  /// Asks all the time, and reads no answer.
  private func readNothing(_ question: String, _ body: String) throws {
    let peer = try attacker(target.asClient, receives: 1)
    try progress.repeating("\(question) without reading") { try peer.send(question, body) }
  }

  private func worker(_ name: String) throws -> Attacker {
    let peer = try attacker(target.asWorker)
    // More slots than tasks it will ever do; what it is given it keeps, until it is given up.
    try peer.send(
      "hello", "{\"worker\":\"\(name)\",\"slots\":1,\"host\":\"evil\",\"processID\":1,\"holding\":[]}")
    return peer
  }

  /// A peer that stays connected as long as this process: libzmq 4.3.4 aborts it (session_base.cpp:260) when a socket is closed
  /// just as its connection breaks in the middle of a message, which is what happens to attackers.
  private func attacker(_ security: Security, receives: Int32 = 1000) throws -> Attacker {
    // A short queue, so that it is quiet soon after the storm.
    let peer = Attacker(try HostilePeer(target.endpoint, security: security, receives: receives, queues: 100))
    _ = Unmanaged.passRetained(peer)
    return peer
  }
}

/// A hostile peer that can be kept.
private final class Attacker {
  private let peer: HostilePeer

  init(_ peer: consuming HostilePeer) { self.peer = peer }

  @discardableResult
  func send(frames: [[UInt8]]) throws -> SendOutcome { try peer.send(frames: frames) }

  @discardableResult
  func send(_ type: String, _ body: String, payload: [UInt8]? = nil) throws -> SendOutcome {
    try peer.send(type, body, payload: payload)
  }
}
