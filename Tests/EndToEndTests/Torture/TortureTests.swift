import Foundation
import Testing

extension EndToEndTests {
  /// Every kind of fault, in any order, while jobs of every kind run: nothing is lost, nothing hangs, and the results are
  /// those of an undisturbed run, byte for byte (G1–G5, G8, G9).
  @Suite struct TortureTests {
    @Test(.enabled(if: Programs.canMakeHosts, "Cluster/hosts/hosts needs root and network namespaces"))
    func aTorturedClusterYieldsWhatAnUndisturbedOneDoes() throws {
      let settings = ProcessInfo.processInfo.environment
      let report = try TortureReport(path: settings["TRIBUTARY_TORTURE_REPORT"])
      let torture = Torture(
        seed: settings["TRIBUTARY_TORTURE_SEED"].flatMap { UInt64($0) } ?? 1,
        minutes: settings["TRIBUTARY_TORTURE_MINUTES"].flatMap { Double($0) } ?? 3, report: report)
      let wrongs = try torture.run()
      report.verdict(wrongs)
      #expect(wrongs.isEmpty)
    }
  }
}
