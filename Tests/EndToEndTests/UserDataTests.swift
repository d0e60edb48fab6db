import Foundation
import Testing

extension EndToEndTests {
  /// The user's own table travels with the job: no other host needs the file.
  @Suite struct UserDataTests {
    @Test func aTableBesideTheJobFileReachesEveryWorker() throws {
      let cluster = try TestCluster(hidesStore: Programs.canMount)
      let files = FileManager.default
      let folder = cluster.folder.path
      for name in ["jobs", "tables"] {
        try files.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
      }
      try cluster.folder.write(
        (0..<40).reduce("rooms,age,price\n") {
          $0 + "\(1 + $1 % 5),\($1 * 7 % 23),\(3 * ($1 % 5) - $1 * 7 % 23 / 2)\n"
        },
        as: "tables/house.csv")
      let file = try cluster.folder.write(
        """
        kind: chains
        data: {file: ../tables/house.csv, target: price, testFraction: 0.25}
        model: {type: mlp, hidden: [4]}
        kernel: {type: nuts, maxDepth: 4}
        chains: 2
        warmup: 30
        draws: 30
        """, as: "jobs/house.yaml")
      let run = try cluster.command("run", file, "--store", "\(folder)/local", "--workers", "1")
      #expect(run.exitCode == 0, "\(run.output)")

      try cluster.startCoordinator()
      let submitted = try cluster.command("submit", file, "--connect", cluster.endpoint)
      #expect(submitted.exitCode == 0, "\(submitted.output)")
      try files.removeItem(atPath: "\(folder)/tables")
      try cluster.startWorker(1)
      try cluster.expect(Job("house", ""), toEqual: try Results(jobFolder: "\(folder)/local/jobs/house"))
    }
  }
}
