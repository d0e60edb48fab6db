import Foundation
import Glibc
import HostilePeers
import TestSupport
import Testing

extension EndToEndTests {
  /// What a process shows of itself is true, and in the form that others read.
  @Suite struct MetricsTests {
    @Test func thePageAgreesWithTheStatus() throws {
      let cluster = try TestCluster()
      let port = try Programs.freePort()
      cluster.coordinatorOptions = ["--metrics", "127.0.0.1:\(port)"]
      try cluster.start(workers: 1)
      let job = Job("job", "kind: probe\ntasks: 8\nsegments: 2\nseconds: 0.8\nbytes: 1000\nleaseAhead: 0")
      try cluster.submit(job)
      let page = try eventually("a page that shows the running job as its status does") {
        let before = try cluster.status(of: job)?.summary
        let page = try MetricsPage(WebPage("/metrics", port: port).body)
        guard let summary = before, summary.running == 1, summary.completed > 0,
          try page("tasks{state=\"completed\"}") == Double(summary.completed)
        else { return nil as MetricsPage? }
        return page
      }
      #expect(try page("tasks{state=\"running\"}") == 1)
      #expect(try page("tasks{state=\"queued\"}") == 7 - page("tasks{state=\"completed\"}"))
      #expect(try page("lease_age_seconds") < 60 && page("jobs_running") == 1 && page("workers") == 1)
      let peer = try HostilePeer(cluster.endpoint)
      try peer.send(frames: [[1], [2]])

      #expect(try cluster.end(of: job) == "completed")
      let final = try eventually("the last figures") {
        let page = try MetricsPage(WebPage("/metrics", port: port).body)
        return try page("jobs_running") == 0 && page("messages_malformed_total") == 1 ? page : nil
      }
      #expect(try final("tasks_ended_total{outcome=\"completed\"}") == 8)
      #expect(try final("commits_total") == 16 && final("commit_seconds_count") == 16)
      #expect(try final("commit_seconds_bucket{le=\"+Inf\"}") == 16 && final("commit_seconds_sum") > 0)
      #expect(try final("catalogue_transaction_seconds_count") >= 16)
      #expect(try final("published_bytes_total") == 16 * 1000)
      #expect(try final("lease_age_seconds") == 0 && final("workers_silent") == 0 && final("connections") >= 2)
      #expect(try final("store_free_bytes") > 0)
      #expect(final.values["process_resident_memory_bytes"] ?? 0 > 1e6)
      for path in ["/healthz", "/readyz"] { #expect(try WebPage(path, port: port).status == 200) }
      #expect(try WebPage("/elsewhere", port: port).status == 404)
      if let promtool = Programs.promtool {
        let file = try cluster.folder.write(WebPage("/metrics", port: port).body, as: "page")
        let check = try RunningProcess(
          ["sh", "-c", "\(promtool) check metrics < \(file)"], output: cluster.log("promtool"))
        #expect(try check.end() == 0, "\(check.output)")
      }
    }

    @Test func readinessIsAboutTheWork() throws {
      let cluster = try TestCluster()
      let (coordinatorPort, workerPort) = (try Programs.freePort(), try Programs.freePort())
      cluster.coordinatorOptions = ["--metrics", "127.0.0.1:\(coordinatorPort)"]
      cluster.workerOptions = ["--metrics", "127.0.0.1:\(workerPort)"]
      let worker = try cluster.startWorker(1)
      try worker.prints("serving metrics")
      // Before it knows that no coordinator answers it says that it starts.
      try eventually("a reason") {
        let early = try WebPage("/readyz", port: workerPort)
        #expect(early.status == 503, "\(early.body)")
        return early.body.contains("coordinator") ? true : nil
      }
      #expect(try WebPage("/healthz", port: workerPort).status == 200)
      try cluster.startCoordinator()
      try eventually("both ready") {
        try WebPage("/readyz", port: workerPort).status == 200
          && (try? WebPage("/readyz", port: coordinatorPort).status) == 200 ? true : nil
      }
      let page = try eventually("the worker's page") { () -> MetricsPage? in
        let page = try MetricsPage(WebPage("/metrics", port: workerPort).body)
        return try page("worker_joined") == 1 ? page : nil
      }
      #expect(try page("worker_slots") == 1 && page("worker_tasks") == 0)

      let next = "\(cluster.folder.path)/next"
      let taken = try cluster.command(
        "coordinator", "--listen", "tcp://127.0.0.1:*", "--store", next, "--metrics", "127.0.0.1:\(coordinatorPort)")
      #expect(taken.exitCode == 69 && taken.output.contains("Choose another port"), "\(taken.output)")
      for address in ["nonsense", "127.0.0.1", "127.0.0.1:70000", "example.org:80", "[::zz]:1"] {
        let wrong = try cluster.command(
          "coordinator", "--listen", "tcp://127.0.0.1:*", "--store", next, "--metrics", address)
        #expect(wrong.exitCode == 78 && wrong.output.contains("write ADDRESS:PORT"), "\(wrong.output)")
      }
    }

    @Test(.enabled(if: Programs.canMount, "mounting a small disk needs root"))
    func aFullDiskIsNotReady() throws {
      let cluster = try TestCluster()
      let port = try Programs.freePort()
      let disk = try SmallDisk(at: cluster.store, megabytes: 48)
      cluster.coordinatorPrefix = disk.command
      cluster.coordinatorOptions = ["--metrics", "127.0.0.1:\(port)"]
      try cluster.startCoordinator()
      try eventually("a coordinator that is ready") { (try? WebPage("/readyz", port: port).status) == 200 ? true : nil }
      try disk.fill()
      try eventually("one that is not", within: .seconds(20)) {
        let page = try WebPage("/readyz", port: port)
        return page.status == 503 && page.body.contains("No space left") ? true : nil
      }
      #expect(try WebPage("/healthz", port: port).status == 200)
      try disk.free()
      try eventually("one that is ready again", within: .seconds(20)) {
        try WebPage("/readyz", port: port).status == 200 ? true : nil
      }
    }

    /// What others send cannot forge a line of the log, in either form.
    @Test(arguments: ["json", "text"]) func aLineOfTheLogIsOneMessage(format: String) throws {
      let cluster = try TestCluster()
      cluster.coordinatorOptions = ["--log-format", format, "--log-level", "debug"]
      try cluster.startCoordinator()
      let peer = try HostilePeer(cluster.endpoint)
      let name = #"evil\n2026-01-01T00:00:00Z error forged \"quoted\" \u2028\u0007"#
      try peer.send("hello", "{\"worker\":\"\(name)\",\"slots\":1,\"host\":\"h\",\"processID\":1,\"holding\":[]}")
      try peer.next("welcome")
      try cluster.coordinator?.prints("worker joined")
      let lines = try #require(cluster.coordinator).output.split { format == "json" ? $0 == "\n" : $0.isNewline }
      #expect(lines.count == 2, "listening, and one that joined: \(lines)")
      if format == "json" {
        let decoded = try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        #expect(decoded.map { $0["message"] } == ["listening", "worker joined"])
        #expect(decoded.allSatisfy { $0["level"] == "info" && $0["time"]?.hasPrefix("20") == true })
        #expect(decoded[1]["worker"]?.hasPrefix("evil\n2026") == true && decoded[1]["host"] == "h")
      } else {
        #expect(lines[1].contains("worker joined") && lines[1].contains("error forged"))
      }
    }
  }
}
