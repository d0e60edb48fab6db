import Foundation
import Glibc
import Messaging
import TestSupport

/// Key files of a coordinator and its peers, made by `tributary keygen`.
struct Keys: Sendable {
  private let folder: String

  /// - Parameter strangers: Workers' keys that are not on the list.
  init(in folder: TemporaryFolder, workers: [String], clients: [String], strangers: [String] = []) throws {
    self.folder = folder.path
    try FileManager.default.createDirectory(atPath: "\(folder.path)/allowed", withIntermediateDirectories: false)
    try make("coordinator", role: nil)
    for name in workers + strangers { try make(name, role: "worker") }
    for name in clients { try make(name, role: "client") }
    for name in workers + clients { try allow(name) }
  }

  /// Makes a key pair.
  func make(_ name: String, role: String?) throws {
    let process = try RunningProcess(
      [Programs.tributary, "keygen", "\(folder)/\(name)"] + (role.map { ["--role", $0] } ?? []),
      output: "\(folder)/keygen.log")
    guard try process.end() == 0 else { throw TestError("keygen: \(process.output)") }
  }

  /// Puts a key on the list, whole from the first moment.
  func allow(_ name: String) throws {
    let file = "\(folder)/allowed/\(name).key"
    try FileManager.default.copyItem(atPath: "\(folder)/\(name).key", toPath: file + ".new")
    guard rename(file + ".new", file) == 0 else { throw TestError("cannot rename \(file).new") }
  }

  /// Takes a key off the list.
  func revoke(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(folder)/allowed/\(name).key") }

  var coordinatorOptions: [String] {
    ["--secret-key", "\(folder)/coordinator.secret", "--allowed-keys", "\(folder)/allowed"]
  }

  /// Options of a worker or client that has a key pair.
  func options(of name: String) -> [String] {
    ["--secret-key", secret(of: name), "--server-key", serverKey]
  }

  func secret(of name: String) -> String { "\(folder)/\(name).secret" }

  var serverKey: String { "\(folder)/coordinator.key" }

  /// The same for a socket.
  func security(of name: String) throws -> Security {
    .client(
      try KeyPair(secretFile: secret(of: name)), server: try PublicKey(file: serverKey))
  }

  /// Gives a cluster's coordinator and clients their keys.
  func use(in cluster: TestCluster, client: String) {
    cluster.coordinatorOptions = coordinatorOptions
    cluster.clientKeys = (secret(of: client), serverKey)
  }
}
