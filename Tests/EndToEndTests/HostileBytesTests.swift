import Foundation
import HostilePeers
import Messaging
import Store
import TestSupport
import Testing

extension EndToEndTests {
  /// No bytes from the network crash or hang a process, or make it grow without bound (G6, G9).
  @Suite struct HostileBytesTests {
    private static let memoryMax = 256 << 20

    @Test func aJobEndsUnderFireFromTheNetwork() throws {
      let cluster = try TestCluster()
      try cluster.start()
      try cluster.submit(.nuts)
      try eventually("a commit") { try cluster.status(of: .nuts)?.tasks.first { $0.segments > 0 } }
      var random = SplitMix64(seed: 6)
      let raw = RawConnections()
      for bytes in Self.greetings(&random) { try raw.open(port: cluster.port, sending: bytes) }
      let stranger = try HostilePeer(cluster.endpoint)
      for frames in Self.frames { try stranger.send(frames: frames) }
      for type in Self.types {
        let peer = try HostilePeer(cluster.endpoint)
        for body in Self.bodies { try peer.send(type, body, payload: random.oneIn(2) ? [1, 2, 3] : nil) }
      }
      let peer = try HostilePeer(cluster.endpoint)
      try peer.send("hello", Self.hello("evil", slots: 1))
      try peer.next("welcome")
      for (type, body) in Self.forgeries { try peer.send(type, body) }
      try peer.send("put", Self.put(size: 300_000), payload: [UInt8](repeating: 0, count: 300_000))
      try peer.send("put", Self.put(size: -1), payload: [0])
      try peer.send("put", Self.put(size: 10, offset: .max), payload: [0])
      try peer.send("put", Self.put(size: .max), payload: [0])
      try peer.send("goodbye", "{}")

      // A frame above the limit closes its connection, and no other.
      let giant = try HostilePeer(cluster.endpoint)
      try giant.send(frames: [[UInt8](repeating: 7, count: 5 << 20)])
      let many = try HostilePeer(cluster.endpoint)
      try many.send(frames: Array(repeating: [7], count: 5000))
      try many.send("workers?", "{}")
      try many.next("workers")

      try cluster.expect(.nuts, toEqual: try Reference.nuts.get())
      try expectAlive(cluster)
    }

    @Test func whoTalksNonsenseIsCutOffAndMayComeAgain() throws {
      let cluster = try TestCluster()
      try cluster.startCoordinator()
      let peer = try HostilePeer(cluster.endpoint)
      for _ in 0..<1000 { try peer.send("hello", "nonsense") }
      try eventually("an answer on the next connection") {
        try peer.send("workers?", "{}")
        return try peer.types(within: .milliseconds(50)).contains("workers") ? true : nil
      }
      let coordinator = try #require(cluster.coordinator)
      #expect(coordinator.output.split(separator: "\n").count < 100, "a flood must not fill the log")
    }

    @Test func anotherVersionIsTold() throws {
      let cluster = try TestCluster()
      try cluster.startCoordinator()
      let peer = try HostilePeer(cluster.endpoint)
      try peer.send(frames: [Array("TRIBUTARY/9".utf8), Array("hello".utf8), Array("{}".utf8)])
      let refused = try peer.next("refused")
      #expect(String(decoding: refused.body, as: UTF8.self).contains("install the same version on all hosts"))
    }

    /// A worker may be anyone's program: it can fail tasks, but not write elsewhere, nor stop the others.
    @Test func aHostileWorkerHarmsOnlyItsOwnJob() throws {
      let cluster = try TestCluster()
      try cluster.startCoordinator()
      let names = [
        "../../escape", "/tmp/escape", "a/../../b", "", "a//b", ".", "a\\u0000b", String(repeating: "n", count: 300),
        "file", "file/below",
      ]
      try cluster.submit(Job("theirs", "kind: probe\nretries: 0\ntasks: \(names.count + 2)\nleaseAhead: 32"))
      let peer = try HostilePeer(cluster.endpoint)
      let bytes = Array("{}".utf8)
      let digest = "\(Digest(of: bytes))"
      try peer.send("put", "{\"digest\":\"\(digest)\",\"size\":2,\"offset\":0}", payload: bytes)
      try peer.next("stored")
      try peer.send("hello", Self.hello("evil", slots: 1))
      try peer.next("dispatch")
      let outputs = names.map { #""outputs":[{"name":"\#($0)","digest":"\#(digest)"}]"# }
      let layouts = [
        #""layout":{"name":"x.zarr","digest":"\#(digest)"},"extent":{"draw":-9,"warmup":9223372036854775807}"#,
        #""checkpoint":"\#(String(repeating: "a", count: 64))""#,
      ]
      for (index, brings) in (outputs + layouts).enumerated() {
        let commit = #"{"lease":"1.0.\#(index)@1","segment":0,"isLast":true}"#
        try peer.send("commits", #"{"reports":[{"commit":\#(commit),\#(brings)}]}"#)
      }
      #expect(try cluster.end(of: Job("theirs", "")) == "failed")
      let failures = try #require(try cluster.status(of: Job("theirs", ""))?.tasks.compactMap(\.failure))
      #expect(failures.contains { $0.contains("is not a name inside a job's folder") }, "\(failures)")
      #expect(failures.contains { $0.contains("was never stored") }, "\(failures)")
      let files = try Results(jobFolder: "\(cluster.store)/jobs/theirs").files.keys.sorted()
      #expect(files == ["file", "job.yaml"])
      let outside = try FileManager.default.subpathsOfDirectory(atPath: cluster.folder.path)
      #expect(!outside.contains { $0.hasSuffix("escape") })
      try expectAlive(cluster)
    }

    /// What one peer can make the coordinator hold has a bound: blobs it begins and names it takes.
    @Test func aFloodIsBounded() throws {
      let cluster = try TestCluster()
      try cluster.startCoordinator()
      let peer = try HostilePeer(cluster.endpoint)
      for number in 0..<3000 {
        try peer.send("put", Self.put(String(format: "%064x", number), size: 1 << 40), payload: [0])
        if number % 8 == 7 { for _ in 0..<8 { try peer.next("stored", "refused") } }
      }
      for number in 0..<3000 { try peer.send("hello", Self.hello("evil-\(number)", slots: 1024)) }
      for _ in 0..<3000 { try peer.next("welcome") }
      #expect(try #require(cluster.coordinator).descriptorCount < 100)
      #expect(try cluster.client().workers().count == 1, "a connection is one worker")
      try expectAlive(cluster)
    }

    /// Peers with keys, of whom one sends a message of 400 MB, and one asks for 400 MB and takes none of it.
    @Test func whatAPeerWithAKeyCanMakeItHoldIsBounded() throws {
      let cluster = try TestCluster()
      let keys = try Keys(in: cluster.folder, workers: ["worker", "evil"], clients: ["laptop"])
      keys.use(in: cluster, client: "laptop")
      cluster.workerOptions = keys.options(of: "worker")
      try cluster.start(workers: 1)
      let coordinator = try #require(cluster.coordinator)
      try cluster.submit(Job("before", "kind: probe\ntasks: 1"))
      #expect(try cluster.end(of: Job("before", "")) == "completed")
      let usual = coordinator.peakKilobytes

      let greedy = try HostilePeer(cluster.endpoint, security: keys.security(of: "evil"), receives: 1)
      let blob = [UInt8](repeating: 1, count: 256 << 10)
      let digest = Digest(of: blob)
      try greedy.send("put", Self.put("\(digest)", size: blob.count), payload: blob)
      try greedy.next("stored")
      for _ in 0..<1600 { try greedy.send("fetch", "{\"digest\":\"\(digest)\",\"offset\":0}") }
      try coordinator.prints("a peer that does not read")
      let endless = try HostilePeer(cluster.endpoint, security: keys.security(of: "evil"))
      try endless.send(frames: Array(repeating: [UInt8](repeating: 7, count: 100_000), count: 4000))
      try coordinator.prints("bytes without a whole message")
      let held = coordinator.peakKilobytes - usual
      #expect(held < 100 << 10, "at most \(held >> 10) MiB")
      try expectAlive(cluster)
    }

    /// The coordinator lives, is small, and serves.
    private func expectAlive(_ cluster: TestCluster) throws {
      let coordinator = try #require(cluster.coordinator)
      #expect(coordinator.isRunning, "\(coordinator.output.suffix(2000))")
      #expect(coordinator.residentBytes < Self.memoryMax, "\(coordinator.residentBytes >> 20) MiB")
      let job = Job("after", "kind: probe\ntasks: 3\nbytes: 10")
      if cluster.workers.isEmpty { try cluster.startWorker(1) }
      try cluster.submit(job)
      #expect(try cluster.end(of: job, within: .seconds(30)) == "completed")
    }
  }
}

extension EndToEndTests.HostileBytesTests {
  /// What arrives on connections that are not of ZeroMQ, or give up half-way.
  private static func greetings(_ random: inout SplitMix64) -> [[UInt8]] {
    let greeting: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0] + Array("NULL".utf8)
    let silent = Array(repeating: [UInt8](), count: 60)
    let noise = (0..<60).map { _ in (0..<random.below(300)).map { _ in UInt8(random.below(256)) } }
    let web = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    let whole = greeting + [UInt8](repeating: 0, count: 48)
    // A frame of 2^63 bytes, and a command of an unknown name.
    let frames: [[UInt8]] = [[2, 0x80, 0, 0, 0, 0, 0, 0, 0], [4, 3, 1, 65, 66], [0xff, 0xff, 0xff, 0xff]]
    return silent + noise + [web, greeting, whole] + frames.map { whole + $0 }
  }

  /// Messages that are not of the protocol.
  private static let frames: [[[UInt8]]] = [
    [[]], [[], [], []], [Array("TRIBUTARY/1".utf8)], [Array("TRIBUTARY/1".utf8), [0xff, 0xfe], Array("{}".utf8)],
    [Array("TRIBUTARY/1".utf8), [UInt8](repeating: 65, count: 1000), Array("{}".utf8)],
    [Array("TRIBUTARY/1".utf8), Array("put".utf8), Array("{}".utf8)] + Array(repeating: [0], count: 900),
  ]

  private static let types = [
    "hello", "heartbeat", "commits", "failure", "handback", "put", "fetch", "submit", "status?", "cancel", "artifact?",
    "welcome", "dispatch", "acknowledge", "revoke", "stored", "chunk", "refused", "nonsense", "",
  ]

  private static let bodies = [
    "", "{", "{}", "[]", "null", "7", "\"\"", "\u{0}", "{\"reports\":{}}", "{\"leases\":[{}]}", "{\"name\":1e999}",
    String(repeating: "[", count: 100_000), String(repeating: "[", count: 513),
    "{\"reports\":" + String(repeating: "[", count: 20_000),
    "{\"digest\":\"zz\",\"size\":1,\"offset\":0}", "{\"digest\":\"../../../etc/passwd\",\"offset\":0}",
    "{\"lease\":\"-1.-1.-1@-1\",\"message\":\"\"}",
    "{\"name\":\"../..\",\"file\":\"\",\"yaml\":\"kind: probe\",\"inputs\":{}}",
    "{\"name\":\"x\",\"file\":\"f\",\"yaml\":\"a: &a [*a, *a]\",\"inputs\":{}}",
    "{\"job\":\"nuts\",\"name\":\"../../catalogue.sqlite\"}",
  ]

  private static func hello(_ name: String, slots: Int, holding: String = "") -> String {
    "{\"worker\":\"\(name)\",\"slots\":\(slots),\"host\":\"evil\",\"processID\":1,\"holding\":[\(holding)]}"
  }

  private static func put(_ digest: String = String(repeating: "0", count: 64), size: Int, offset: Int = 0) -> String {
    "{\"digest\":\"\(digest)\",\"size\":\(size),\"offset\":\(offset)}"
  }

  /// Well-formed claims on tasks of others, of no one, and beyond every range.
  private static let forgeries: [(String, String)] = {
    let tasks = [
      "1.0.0", "1.0.1", "1.1.0", "1.0.99", "1.9.0", "99.0.0", "1.0.-1", "-1.0.0", "\(Int.max).\(Int.max).\(Int.max)",
    ]
    let leases = tasks.flatMap { task in
      [0, -1, 99, Int.max, Int.min].map { "\"\(task)@\($0)\"" }
    }
    return leases.flatMap { lease in
      let reports = [-1, 0, 1000, Int.max].map { segment in
        "{\"commit\":{\"lease\":\(lease),\"segment\":\(segment),\"isLast\":true},\"extent\":{\"draw\":\(Int.max)}}"
      }
      return [
        ("commits", "{\"reports\":[\(reports.joined(separator: ","))]}"),
        ("failure", "{\"lease\":\(lease),\"message\":\"forged\"}"), ("handback", "{\"leases\":[\(lease)]}"),
        (
          "heartbeat",
          "{\"progress\":[{\"lease\":\(lease),\"phase\":\"\",\"done\":-1,\"total\":0,\"rate\":0,\"figures\":[]}]}"
        ),
        ("hello", hello("evil", slots: 1, holding: lease)),
      ]
    } + [("hello", hello("evil", slots: .max)), ("hello", hello("", slots: 1)), ("hello", hello("e", slots: -1))]
  }()
}
