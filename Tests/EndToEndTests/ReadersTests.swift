import Foundation
import Testing

extension EndToEndTests {
  /// The readers people use, beside a writer: every look is whole, and part of what is there at the end (G5).
  @Suite struct ReadersTests {
    @Test(
      .enabled(
        if: Programs.has(Programs.python("zarr2")) && Programs.has(Programs.python("zarr3")),
        "no .python/zarr2 and .python/zarr3; run Scripts/setup --python"))
    func readersSeeOnlyWholeDrawsWhileChainsRun() throws {
      let cluster = try TestCluster()
      let job = Job(
        "watched",
        """
        kind: chains
        data: {set: yacht}
        model: {type: mlp, hidden: [50]}
        kernel: {type: nuts, maxDepth: 6}
        chains: 4
        warmup: 100
        draws: 150
        segment: 10
        """)
      let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Readers/watch.py").path
      let end = "\(cluster.folder.path)/end"
      let readers = try ["zarr2", "zarr3"].map { environment in
        try RunningProcess(
          [Programs.python(environment), script, "\(cluster.store)/jobs/watched/posterior.zarr", end],
          output: cluster.log(environment))
      }
      for reader in readers { try reader.prints("ready", within: .seconds(60)) }
      try cluster.start()
      try cluster.submit(job)
      #expect(try cluster.end(of: job) == "completed")
      try cluster.folder.write("", as: "end")
      for reader in readers {
        #expect(try reader.end(within: .seconds(60)) == 0, "\(reader.output)")
        #expect(reader.output.contains("extents"))
      }
    }
  }
}
