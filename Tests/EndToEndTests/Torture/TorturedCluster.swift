import Foundation
import Glibc

/// A coordinator and four workers on hosts of their own, each started again whenever it ends, as systemd would.
///
/// Host 1: the coordinator, with the store on a small disk. Host 2: a worker that shares this disk. Host 3: two workers
/// with a small disk for their cache. Host 4: a worker with a folder for its cache. Host 5: whoever submits jobs.
final class TorturedCluster {
  static let hostCount = 5
  static let coordinatorHost = 1
  static let clientHost = 5
  /// The hosts of the workers, by their numbers.
  static let workers = [1: 2, 2: 3, 3: 3, 4: 4]

  let hosts: Hosts
  let cluster: TestCluster
  let keys: Keys
  private let store: SmallDisk
  private let cache: SmallDisk
  /// Hosts on which nothing can be started now.
  private var stopped: Set<Int> = []
  private var fullDisks: Set<Int> = []
  private var lastFullStore = ContinuousClock.now - .seconds(60)
  /// How processes may end, by number, because something was done to them.
  private var mayEnd: [Int: Set<Int32>] = [:]
  private var startsAt: [Int: ContinuousClock.Instant] = [:]
  private(set) var restarts: [Int: Int] = [:]
  private(set) var peakKilobytes: [Int: Int] = [:]
  /// Ends of processes that nothing was done to.
  private(set) var crashes: [String] = []

  /// - Parameter megabytes: Size of the store's disk.
  init(megabytes: Int) throws {
    hosts = try Hosts(Self.hostCount)
    cluster = try TestCluster(endpoint: "tcp://10.77.0.\(Self.coordinatorHost):5555")
    keys = try Keys(in: cluster.folder, workers: ["worker"], clients: ["laptop"])
    store = try Self.makeDisk(at: cluster.store, megabytes: megabytes)
    cache = try Self.makeDisk(at: "\(cluster.folder.path)/cache", megabytes: 32)
    cluster.coordinatorOptions = keys.coordinatorOptions
    cluster.workerOptions = keys.options(of: "worker")
    cluster.coordinatorPrefix = store.command + hosts.on(Self.coordinatorHost)
    cluster.storeRoot = store.root
    for number in [0] + Self.workers.keys.sorted() { try start(number) }
  }

  private static func makeDisk(at folder: String, megabytes: Int) throws -> SmallDisk {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard Programs.canMountImages else { return try SmallDisk(at: folder, megabytes: megabytes) }
    try SmallDisk.makeImage("\(folder).image", megabytes: megabytes)
    return try SmallDisk(at: folder, image: "\(folder).image")
  }

  /// What a command is preceded by to see the store.
  var storeCommand: [String] { store.command }

  private func start(_ number: Int) throws {
    mayEnd[number] = []
    guard let host = Self.workers[number] else { return try cluster.startCoordinator() }
    // Only where the store's disk is mounted do workers find it; elsewhere its folder is empty.
    let disk = host == 2 ? store.command : host == 3 ? cache.command : []
    try cluster.startWorker(number, on: disk + hosts.on(host))
  }

  private func process(_ number: Int) -> RunningProcess? {
    number == 0 ? cluster.coordinator : cluster.workers[number]
  }

  private static func name(_ number: Int) -> String { number == 0 ? "coordinator" : "worker \(number)" }

  private static func host(of number: Int) -> Int { workers[number] ?? coordinatorHost }

  /// Starts again what has ended, and notes what should not have.
  func supervise() throws {
    for number in [0] + Self.workers.keys.sorted() {
      guard let process = process(number) else { continue }
      note(process, number)
      guard let code = process.exitCode else { continue }
      if startsAt[number] == nil {
        if !mayEnd[number, default: []].contains(code), !(number == 0 && isExcused(code)) {
          crashes.append("\(Self.name(number)) ended with \(code) by itself")
        }
        startsAt[number] = .now + .milliseconds(200)
      }
      guard let time = startsAt[number], time <= .now, !stopped.contains(Self.host(of: number)) else { continue }
      startsAt[number] = nil
      restarts[number, default: 0] += 1
      try start(number)
    }
  }

  /// On a full disk a coordinator says so and ends.
  private func isExcused(_ code: Int32) -> Bool {
    (73...74).contains(code)
      && (fullDisks.contains(Self.coordinatorHost) || ContinuousClock.now - lastFullStore < .seconds(5))
  }

  private func note(_ process: RunningProcess, _ number: Int) {
    peakKilobytes[number] = max(peakKilobytes[number] ?? 0, process.peakKilobytes)
  }

  /// Whether every process runs.
  var isWhole: Bool { ([0] + Self.workers.keys).allSatisfy { process($0)?.isRunning == true } }
}

/// What faults do.
extension TorturedCluster {
  func kill(_ target: Target) {
    mayEnd[target.process, default: []].insert(128 + SIGKILL)
    signal(SIGKILL, target)
  }

  func drain(_ target: Target) {
    // It may still be starting: until it listens for the signal, the signal ends it.
    mayEnd[target.process, default: []].formUnion([0, 128 + SIGTERM])
    signal(SIGTERM, target)
  }

  func signal(_ number: Int32, _ target: Target) {
    if let process = process(target.process), process.isRunning { process.signal(number) }
  }

  /// Stops all processes of a host, by one of the words of the script.
  func stop(_ host: Int, _ verb: String) throws {
    stopped.insert(host)
    for number in [0] + Self.workers.keys where verb == "off" && Self.host(of: number) == host {
      mayEnd[number, default: []].insert(128 + SIGKILL)
    }
    try hosts.tell(verb, host)
  }

  func goOn(_ host: Int, _ verb: String) throws {
    try hosts.tell(verb, host)
    stopped.remove(host)
  }

  func disk(of target: Target) -> SmallDisk? {
    fullDisks.insert(target.host)
    return target.host == Self.coordinatorHost ? store : cache
  }

  func free(_ target: Target) throws {
    try disk(of: target)?.free()
    fullDisks.remove(target.host)
    if target.host == Self.coordinatorHost { lastFullStore = .now }
  }
}
