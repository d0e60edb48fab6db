import Foundation
import TestSupport
import Glibc

/// The programs under test, which are built beside the tests, and what the host offers.
enum Programs {
  static let tributary = path(of: "tributary")
  static let worker = path(of: "tributary-worker")
  /// The root of the project.
  static let project = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL.path
  static let hosts = "\(project)/Cluster/hosts/hosts"

  static func python(_ environment: String) -> String { "\(project)/.python/\(environment)/bin/python" }

  /// Prometheus's own checker of pages of metrics, of Debian's package `prometheus`; nil where it is not installed.
  static let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/promtool" }.first(where: has)

  static func has(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// Whether tests can mount small disks and hide folders from a process.
  static let canMount = succeeds("unshare", "--mount", "true")
  /// Whether tests can mount file systems that are kept in a file.
  static let canMountImages = canMount && succeeds("losetup", "--find") && succeeds("which", "mkfs.ext4")
  /// Whether tests can make hosts of network namespaces.
  static let canMakeHosts = succeeds(hosts, "check")

  private static func path(of program: String) -> String {
    let this =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(filePath: this).deletingLastPathComponent().appending(path: program).path
  }

  private static func succeeds(_ command: String...) -> Bool {
    guard let process = try? RunningProcess(command, output: "/dev/null") else { return false }
    return (try? process.end()) == 0
  }

  /// A port of loopback that nobody uses now.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard found else { throw TestError("no free port: \(String(cString: strerror(errno)))") }
    return UInt16(bigEndian: address.sin_port)
  }
}
