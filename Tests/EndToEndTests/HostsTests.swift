import Foundation
import TestSupport
import Glibc
import Testing

extension EndToEndTests {
  /// Three hosts on a network of their own, with keys (G4, G7 and G8 over real links).
  @Suite struct HostsTests {
    @Test(.enabled(if: Programs.canMakeHosts, "Cluster/hosts/hosts needs root and network namespaces"))
    func aHostThatIsCutOffAndHealedChangesNothing() throws {
      let reference = try Reference.long.get()
      let hosts = try Hosts(3)
      let cluster = try TestCluster(hidesStore: true, endpoint: "tcp://10.77.0.1:5555")
      let keys = try Keys(in: cluster.folder, workers: ["worker"], clients: ["laptop"], strangers: ["stranger"])
      cluster.coordinatorOptions = keys.coordinatorOptions
      cluster.coordinatorPrefix = hosts.on(1)
      try cluster.startCoordinator()
      cluster.workerOptions = keys.options(of: "worker")
      for number in [2, 3] { try cluster.startWorker(number, on: hosts.on(number)) }
      for number in [2, 3] { try cluster.workers[number]?.prints("through the coordinator") }
      cluster.workerOptions = keys.options(of: "stranger")
      let stranger = try cluster.startWorker(4, on: hosts.on(2))
      #expect(try stranger.end() == 77, "\(stranger.output)")

      let file = try cluster.folder.write(Job.long.yaml, as: "long.yaml")
      func tributary(_ arguments: String...) throws -> RunningProcess {
        try RunningProcess(
          hosts.on(2) + [Programs.tributary] + arguments + ["--connect", cluster.endpoint] + keys.options(of: "laptop"),
          output: cluster.log(arguments[0]))
      }
      #expect(try tributary("submit", file).end() == 0)
      let jobFolder = "\(cluster.store)/jobs/long"
      // Chain 1 runs on another host than chain 0; both have begun.
      for chain in 0...1 {
        let chunk = "\(jobFolder)/posterior.zarr/warmup_sample_stats/lp/\(chain).0"
        try eventually(chunk) { access(chunk, F_OK) == 0 ? true : nil }
      }
      try hosts.cut(3)
      let heal = ContinuousClock.now + .seconds(20)
      try cluster.coordinator?.prints("worker is silent")
      try eventually("the end of the cut", within: .seconds(30)) { ContinuousClock.now >= heal ? true : nil }
      let watch = try tributary("watch", "long")
      #expect(access("\(jobFolder)/summary.json", F_OK) != 0, "the job ended before the host was back")
      let joined = occurrences(of: "worker joined", in: cluster)
      try hosts.heal(3)
      try eventually("the return of host 3; \(cluster.logs)") {
        occurrences(of: "worker joined", in: cluster) > joined ? true : nil
      }
      #expect(try watch.end(within: .seconds(120)) == 0, "\(watch.output)\n\(cluster.logs)")
      let differences = try Results(jobFolder: jobFolder).differences(from: reference)
      #expect(differences.isEmpty, "\(differences)")
    }

    /// Silence is noticed by the clock alone (G8): after 4.5 s, and not before.
    @Test(.enabled(if: Programs.canMakeHosts, "Cluster/hosts/hosts needs root and network namespaces"))
    func aSilentHostIsReplacedAndAShortCutIsNot() throws {
      let hosts = try Hosts(3)
      let cluster = try TestCluster(hidesStore: true, endpoint: "tcp://10.77.0.1:5555")
      let keys = try Keys(in: cluster.folder, workers: ["worker"], clients: ["laptop"])
      keys.use(in: cluster, client: "laptop")
      cluster.workerOptions = keys.options(of: "worker")
      cluster.coordinatorPrefix = hosts.on(1)
      try cluster.startCoordinator()
      for number in [2, 3] { try cluster.startWorker(number, on: hosts.on(number)) }
      for number in [2, 3] { try cluster.workers[number]?.prints("through the coordinator") }
      try Hosts.visit(1) {
        try cluster.client().submit(
          name: "wait", file: "wait.yaml", yaml: "kind: probe\ntasks: 1\nseconds: 600", inputs: [:])
      }
      /// The host on which the task runs.
      func holder() throws -> Int? {
        let worker = try Hosts.visit(1) { try cluster.client().status(of: "wait") }.tasks.first?.worker ?? ""
        return [2, 3].first { cluster.workers[$0].map { worker.contains("-\($0.pid)-") } == true }
      }
      let first = try eventually("the start of the task", holder)

      try hosts.cut(first)
      Thread.sleep(forTimeInterval: 1.5)
      try hosts.heal(first)
      Thread.sleep(forTimeInterval: 5)
      #expect(try holder() == first)
      #expect(occurrences(of: "silent", in: cluster) == 0, "\(cluster.logs)")

      for (host, fault, remedy) in [(first, "cut", "heal"), (5 - first, "freeze", "thaw")] {
        let start = ContinuousClock.now
        try hosts.tell(fault, host)
        try eventually("a new holder of the task after \(fault)") { try holder() == 5 - host ? true : nil }
        // `Scripts/bench` measures 4.5 s on a quiet machine.
        #expect((3..<12).contains((ContinuousClock.now - start) / .seconds(1)), "\(fault)")
        let joined = occurrences(of: "worker joined", in: cluster)
        try hosts.tell(remedy, host)
        try eventually("its return") { occurrences(of: "worker joined", in: cluster) > joined ? true : nil }
      }
    }

    private func occurrences(of text: String, in cluster: TestCluster) -> Int {
      (cluster.coordinator?.output ?? "").components(separatedBy: text).count - 1
    }
  }
}
