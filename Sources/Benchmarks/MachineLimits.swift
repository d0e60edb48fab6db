import Foundation
import Glibc
import Messaging
import Store
import Tensors

/// What this machine can do without us, measured in the same run so that ratios can be told.
enum MachineLimits {
  static func measure(in folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var loads = [Double](repeating: 0, count: 1)
    getloadavg(&loads, 1)
    Figure(name: "machine: load of the last minute", value: loads[0], unit: "processes").print()
    let syncs = Sample(appends(in: folder))
    Figure(
      name: "machine: append of 4 KiB with fdatasync", value: 1000 / syncs.median, unit: "appends/s",
      note: "from the median, \(rounded(syncs.median)) ms; p99 \(rounded(syncs.quantile(0.99))) ms"
    ).print()
    // Not all the same, since some disks of virtual machines make little of that.
    let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    let hashing = elapsed { for _ in 0..<100 { _ = Digest(of: bytes) } }
    Figure(name: "machine: SHA-256, one thread", value: 100 * 1.048576 / hashing, unit: "MB/s").print()
    for threads in [1, 2] {
      Figure(
        name: "machine: files of 1 MiB, written, fsynced and renamed, \(threads) threads",
        value: Sample(try (1...3).map { _ in try fileRate(threads, bytes, in: folder) }).median, unit: "MB/s",
        note: "median of 3 x \(threads * 100); no hash, no commit"
      ).print()
    }
    let rounds = Sample(try roundTrips())
    Figure(
      name: "machine: CURVE round trip of 256 B, p50", value: rounds.median, unit: "ms",
      note: "p99 \(rounded(rounds.quantile(0.99))) ms"
    ).print()
  }

  /// Multiplications and additions a second of libtorch's products of 1024 × 1024 matrices, float32, on this thread.
  static func matrixProductRate() throws -> Double {
    let a = try Tensor.normals(key: RandomKey(seed: 2), shape: [1024, 1024])
    let times = try (0..<5).map { _ in try processorSeconds { _ = try a.matmul(a) } }
    return 2 * 1024 * 1024 * 1024 / Sample(times).least
  }

  /// Milliseconds of each append.
  private static func appends(in folder: String) -> [Double] {
    let descriptor = open("\(folder)/journal", O_WRONLY | O_CREAT | O_APPEND, 0o644)
    defer { close(descriptor) }
    let page = [UInt8](repeating: 1, count: 4096)
    return (0..<1000).map { _ in
      elapsed {
        _ = write(descriptor, page, page.count)
        _ = fdatasync(descriptor)
      } * 1000
    }
  }

  private static func fileRate(_ threads: Int, _ bytes: [UInt8], in folder: String) throws -> Double {
    let files = 100
    let time = elapsed {
      let running = (0..<threads).map { thread in
        Joined {
          for file in 0..<files {
            try? DurableFile.write(bytes, to: "\(folder)/\(threads)-\(thread)-\(file)-\(UUID())")
          }
        }
      }
      for thread in running { thread.join() }
    }
    return Double(threads * files * bytes.count) / 1e6 / time
  }

  /// Milliseconds of each round trip between two threads.
  private static func roundTrips() throws -> [Double] {
    let (server, client) = (try KeyPair.generate(), try KeyPair.generate())
    let context = try Context()
    let authenticator = try Authenticator(
      context, allowed: AllowedKeys([client.publicKey: .init(name: "client", role: .client)]))
    let port = try freePort()
    let rounds = 3000
    let echo = Joined {
      var options = SocketOptions()
      options.security = .server(server.secretKey, authenticator)
      guard let socket = try? Socket(.router, context, options), (try? socket.bind(port)) != nil else { return }
      var pollSet = PollSet()
      pollSet.add(socket)
      for _ in 0..<rounds {
        while true {
          if let message = try? socket.receive() {
            _ = try? socket.send(message)
            break
          }
          _ = try? pollSet.wait(atMost: .seconds(5))
        }
      }
      _ = try? pollSet.wait(atMost: .milliseconds(100))
    }
    defer { echo.join() }
    var options = SocketOptions()
    options.security = .client(client, server: server.publicKey)
    let socket = try Socket(.dealer, try Context(), options)
    try socket.connect(port)
    var pollSet = PollSet()
    pollSet.add(socket)
    let message = Message([[UInt8](repeating: 3, count: 256)])
    return try (0..<rounds).map { _ in
      try elapsed {
        _ = try socket.send(message)
        while try socket.receive() == nil { try pollSet.wait(atMost: .seconds(5)) }
      } * 1000
    }.dropFirst(100).map { $0 }
  }

  private static func freePort() throws -> String {
    let socket = try Socket(.router, try Context())
    try socket.bind("tcp://127.0.0.1:*")
    return try socket.lastEndpoint
  }
}

/// A thread whose end can be waited for.
private struct Joined {
  private let ended = DispatchSemaphore(value: 0)

  init(_ work: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [ended] in
      work()
      ended.signal()
    }
  }

  func join() { ended.wait() }
}
