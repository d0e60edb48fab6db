import TestSupport
import Testing

extension EndToEndTests {
  /// What `Cluster` holds for systemd and Kubernetes, checked by their own tools. Those for Slurm and ssh need minutes and
  /// root: `Cluster/slurm/try`, `Cluster/hosts/try`.
  @Suite struct DeploymentTests {
    @Test(.enabled(if: Programs.has("/usr/bin/systemd-analyze"), "systemd-analyze is not installed"))
    func systemdUnderstandsTheUnits() throws { try check("Cluster/systemd/try") }

    @Test(
      .enabled(
        if: Programs.has("\(Programs.project)/.python/kubernetes/bin/kubernetes-validate"),
        "first: Scripts/setup --python"))
    func kubernetesUnderstandsTheManifests() throws { try check("Cluster/kubernetes/try") }

    private func check(_ script: String) throws {
      let folder = try TemporaryFolder()
      let process = try RunningProcess(["\(Programs.project)/\(script)"], output: "\(folder.path)/log")
      #expect(try process.end(within: .seconds(60)) == 0, "\(process.output)")
    }
  }
}
