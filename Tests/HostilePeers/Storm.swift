import Foundation
import Glibc
import Messaging
import Synchronization
import TestSupport

/// Everything at once that peers can do to a coordinator, with and without an allowed key, each attack on a thread.
public final class Storm {
  /// Who is attacked, and by whom.
  public struct Target: Sendable {
    public let endpoint: String
    /// The coordinator's public key, and pairs that it allows to a worker and to a client.
    public let serverKey: PublicKey
    public let worker: KeyPair
    public let client: KeyPair
    /// A blob that is in the store, of 1 MiB or so.
    public let blob: String

    public init(endpoint: String, serverKey: PublicKey, worker: KeyPair, client: KeyPair, blob: String) {
      (self.endpoint, self.serverKey, self.worker, self.client) = (endpoint, serverKey, worker, client)
      self.blob = blob
    }

    var port: UInt16 { endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }
    var asWorker: Security { .client(worker, server: serverKey) }
    var asClient: Security { .client(client, server: serverKey) }
  }

  /// What one attack did, told at the end.
  public struct Count: Sendable {
    public let attack: String
    /// Connections or messages.
    public let count: Int
  }

  private let progress: Progress
  private let ended = DispatchGroup()

  /// Starts all attacks.
  /// - Parameter halfOpen: Connections to keep open that never say who they are.
  public init(_ target: Target, halfOpen: Int = 2000) {
    let progress = Progress()
    self.progress = progress
    let attacks = Attacks(target: target, halfOpen: halfOpen, progress: progress)
    for (name, attack) in attacks.all {
      ended.enter()
      Thread.detachNewThread { [ended] in
        defer { ended.leave() }
        // The attackers stand for other hosts: they shall not take this host's processors from those they attack.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        do { try attack() } catch { progress.note("\(name) ended: \(error)", 1) }
      }
    }
  }

  /// What the attacks have done so far.
  public var counts: [Count] {
    progress.counts.withLock { $0.sorted { $0.key < $1.key }.map { Count(attack: $0.key, count: $0.value) } }
  }

  /// Ends all attacks.
  public func stop() {
    progress.isStopping.store(true, ordering: .relaxed)
    ended.wait()
  }
}

/// What the threads of a storm share.
final class Progress: Sendable {
  let isStopping = Atomic(false)
  let counts = Mutex<[String: Int]>([:])

  func note(_ what: String, _ count: Int) { counts.withLock { $0[what, default: 0] += count } }

  /// Repeats some work until the end; work that could not be done at once waits a little.
  func repeating(_ what: String, _ work: () throws -> SendOutcome) throws {
    while !isStopping.load(ordering: .relaxed) {
      if try work() == .sent { note(what, 1) } else { Thread.sleep(forTimeInterval: 0.001) }
    }
  }
}
