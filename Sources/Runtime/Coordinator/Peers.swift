import Messaging
import Scheduling

/// Who is connected: which connection belongs to which worker.
struct Peers {
  /// A connection that has spoken.
  struct Peer {
    /// The worker at the other end; nil for clients, and before the worker's hello.
    var worker: WorkerID?
    var host = ""
    var slots = 0
    var offer = Resources()
    var processID: Int32 = 0
    /// Whether the worker was told to end, or has said that it will.
    var isDraining = false
    /// Descriptor of the connection, by which the monitor names it.
    var descriptor: Int32?
    /// The key that the peer has proved to have; nil without keys.
    var userID: String?
    /// What that key allows; nil without keys: then everyone may do everything.
    var role: Role?
    /// Jobs the worker has been told of.
    var knownJobs: Set<JobID> = []
    var lastHeard = Instant(nanoseconds: 0)
    /// Pieces of blobs that are being written for this peer.
    var pendingPieces = 0
    /// Messages without sense so far.
    var faults = 0
  }

  typealias RoutingID = [UInt8]

  private(set) var byRoutingID: [RoutingID: Peer] = [:]
  private var byWorker: [WorkerID: RoutingID] = [:]
  private var byDescriptor: [Int32: Set<RoutingID>] = [:]

  subscript(_ routingID: RoutingID) -> Peer? { byRoutingID[routingID] }

  func routingID(of worker: WorkerID) -> RoutingID? { byWorker[worker] }

  /// The connections that were last heard through a descriptor.
  func routingIDs(of descriptor: Int32) -> Set<RoutingID> { byDescriptor[descriptor] ?? [] }

  /// All workers, by name.
  var workers: [Peer] {
    byWorker.sorted { $0.key < $1.key }.compactMap { byRoutingID[$0.value] }
  }

  mutating func heard(_ routingID: RoutingID, descriptor: Int32?, userID: String?, role: Role?, at now: Instant) {
    var peer = byRoutingID[routingID] ?? Peer()
    peer.lastHeard = now
    guard peer.descriptor != descriptor || byRoutingID[routingID] == nil else { return byRoutingID[routingID] = peer }
    leave(peer.descriptor, routingID)
    (peer.descriptor, peer.userID, peer.role) = (descriptor, userID, role)
    byRoutingID[routingID] = peer
    if let descriptor { byDescriptor[descriptor, default: []].insert(routingID) }
  }

  mutating func update(_ routingID: RoutingID, _ change: (inout Peer) -> Void) {
    if var peer = byRoutingID[routingID] {
      change(&peer)
      byRoutingID[routingID] = peer
    }
  }

  /// Notes which worker a connection belongs to, instead of the connection it had before.
  mutating func join(_ hello: Hello, at routingID: RoutingID) {
    let worker = hello.worker
    if let old = byWorker[worker], old != routingID { remove(old) }
    var peer = byRoutingID[routingID] ?? Peer()
    if let former = peer.worker, former != worker { byWorker[former] = nil }
    (peer.worker, peer.host, peer.slots, peer.processID) = (worker, hello.host, hello.slots, hello.processID)
    (peer.offer, peer.knownJobs, peer.isDraining) = (hello.offer ?? Resources(), [], false)
    byRoutingID[routingID] = peer
    byWorker[worker] = routingID
  }

  /// Forgets a connection.
  /// - Returns: The worker at its other end.
  @discardableResult
  mutating func remove(_ routingID: RoutingID) -> WorkerID? {
    guard let peer = byRoutingID.removeValue(forKey: routingID) else { return nil }
    leave(peer.descriptor, routingID)
    if let worker = peer.worker, byWorker[worker] == routingID { byWorker[worker] = nil }
    return peer.worker
  }

  private mutating func leave(_ descriptor: Int32?, _ routingID: RoutingID) {
    guard let descriptor else { return }
    byDescriptor[descriptor]?.remove(routingID)
    if byDescriptor[descriptor]?.isEmpty == true { byDescriptor[descriptor] = nil }
  }
}
