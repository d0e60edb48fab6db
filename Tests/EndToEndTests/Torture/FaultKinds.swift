import Glibc

/// Something that befalls a cluster, and the way back.
struct FaultKind: Sendable {
  /// What a fault keeps to itself while it lasts: two faults of one aspect of a host would undo each other.
  enum Aspect: Hashable { case processes, network, disk }

  let name: String
  /// How often it is drawn, compared with other kinds.
  let weight: Int
  /// How long it may last.
  let seconds: ClosedRange<Double>
  let aspects: Set<Aspect>
  let targets: [Target]
  let apply: @Sendable (TorturedCluster, Target) throws -> Void
  let heal: @Sendable (TorturedCluster, Target) throws -> Void

  init(
    _ name: String, weight: Int, lasting seconds: ClosedRange<Double> = 0...0, _ aspects: Set<Aspect>,
    on targets: [Target],
    apply: @escaping @Sendable (TorturedCluster, Target) throws -> Void,
    heal: @escaping @Sendable (TorturedCluster, Target) throws -> Void = { _, _ in }
  ) {
    (self.name, self.weight, self.seconds, self.aspects) = (name, weight, seconds, aspects)
    (self.targets, self.apply, self.heal) = (targets, apply, heal)
  }

  static let all = processFaults + networkFaults + hostFaults

  private static let processFaults = [
    FaultKind("kill -9", weight: 7, [.processes], on: .processes, apply: { $0.kill($1) }),
    FaultKind("drain", weight: 3, [.processes], on: .workers, apply: { $0.drain($1) }),
    FaultKind(
      "freeze", weight: 4, lasting: 0.3...7, [.processes], on: .processes,
      apply: { $0.signal(SIGSTOP, $1) }, heal: { $0.signal(SIGCONT, $1) }),
  ]

  private static let networkFaults = [
    FaultKind("cut", weight: 4, lasting: 0.3...8, [.network], on: .hosts, verbs: "cut", "heal"),
    FaultKind("mute", weight: 2, lasting: 0.3...8, [.network], on: .hosts, verbs: "mute", "heal"),
    FaultKind("deafen", weight: 2, lasting: 0.3...8, [.network], on: .hosts, verbs: "deafen", "heal"),
    FaultKind(
      "partition", weight: 3, lasting: 0.3...8, [.network], on: .partitions,
      apply: { cluster, target in
        for other in target.others { try cluster.hosts.tell("cut", target.host, other) }
      },
      heal: { cluster, target in
        for other in target.others { try cluster.hosts.tell("heal", target.host, other) }
      }),
    FaultKind(
      "slow", weight: 2, lasting: 1...8, [.network], on: .hosts,
      apply: { try $0.hosts.tell("slow", $1.host, 80, 60, 2) }, heal: { try $0.hosts.tell("heal", $1.host) }),
    FaultKind(
      "lossy", weight: 2, lasting: 1...8, [.network], on: .hosts,
      apply: { try $0.hosts.tell("slow", $1.host, 2, 1, 15) }, heal: { try $0.hosts.tell("heal", $1.host) }),
    FaultKind("reset", weight: 3, [.network], on: .hosts, apply: { try $0.hosts.tell("reset", $1.host) }),
  ]

  private static let hostFaults = [
    FaultKind(
      "freeze host", weight: 2, lasting: 0.3...7, [.processes], on: .hosts,
      apply: { try $0.stop($1.host, "freeze") }, heal: { try $0.goOn($1.host, "thaw") }),
    FaultKind(
      "power off", weight: 3, lasting: 0.5...6, [.processes, .network], on: .hosts,
      apply: { try $0.stop($1.host, "off") }, heal: { try $0.goOn($1.host, "on") }),
    FaultKind(
      "disk full", weight: 3, lasting: 0.5...6, [.disk], on: .disks,
      apply: { try $0.disk(of: $1)?.fill() }, heal: { try $0.free($1) }),
  ]

  /// A fault that the script of the hosts knows both words for.
  private init(
    _ name: String, weight: Int, lasting seconds: ClosedRange<Double>, _ aspects: Set<Aspect>, on targets: [Target],
    verbs fault: String, _ remedy: String
  ) {
    self.init(
      name, weight: weight, lasting: seconds, aspects, on: targets,
      apply: { try $0.hosts.tell(fault, $1.host) }, heal: { try $0.hosts.tell(remedy, $1.host) })
  }
}

/// What a fault hits.
struct Target: Sendable {
  let name: String
  let host: Int
  /// A worker's number; 0 is the coordinator.
  var process = 0
  /// The hosts that `host` is parted from.
  var others: [Int] = []
}

extension [Target] {
  static let workers = TorturedCluster.workers.sorted { $0.key < $1.key }.map { number, host in
    Target(name: "worker \(number)", host: host, process: number)
  }
  private static let coordinator = [Target(name: "coordinator", host: TorturedCluster.coordinatorHost)]
  static let processes = workers + coordinator + coordinator
  static let hosts = (1...TorturedCluster.hostCount).map { Target(name: "host \($0)", host: $0) }
  static let partitions = [[2, 3], [2, 4], [3, 4], [4, 5], [3, 4, 5]].map { others in
    Target(name: "host 1 | \(others.map(String.init).joined(separator: " "))", host: 1, others: others)
  }
  static let disks = [
    Target(name: "store", host: TorturedCluster.coordinatorHost), Target(name: "cache of host 3", host: 3),
  ]
}
