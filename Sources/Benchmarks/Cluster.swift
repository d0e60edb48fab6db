import Foundation
import Glibc
import Messaging
import Runtime

/// A coordinator and workers as processes of their own, on loopback, with CURVE keys.
final class Cluster {
  let endpoint: String
  let folder: String
  private let programs: URL
  private(set) var coordinator = Process()
  private var workers: [Process] = []

  /// Makes keys and starts a coordinator on an empty store below `folder`, listening at an address of this host.
  init(in folder: String, at address: String = "127.0.0.1") throws {
    self.folder = folder
    programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: "\(folder)/allowed", withIntermediateDirectories: true)
    for name in ["coordinator", "worker", "client"] {
      let pair = try KeyPair.generate()
      try pair.write(to: "\(folder)/\(name)", role: Role(rawValue: name))
    }
    for name in ["worker", "client"] {
      try FileManager.default.copyItem(atPath: "\(folder)/\(name).key", toPath: "\(folder)/allowed/\(name).key")
    }
    endpoint = try Self.freeEndpoint(at: address)
    try startCoordinator()
    try wait(upTo: 20) { isListening }
  }

  /// A port that was free a moment ago, so that a coordinator can come back to it.
  private static func freeEndpoint(at address: String) throws -> String {
    let socket = try Socket(.router, try Context())
    try socket.bind("tcp://\(address):*")
    return try socket.lastEndpoint
  }

  var store: String { "\(folder)/store" }

  func startCoordinator() throws {
    let keys = ["--secret-key", "\(folder)/coordinator.secret", "--allowed-keys", "\(folder)/allowed"]
    coordinator = try start("tributary", ["coordinator", "--listen", endpoint, "--store", store] + keys)
  }

  @discardableResult
  func startWorker(_ name: String) throws -> Process {
    let worker = try start("tributary-worker", workerArguments(name))
    workers.append(worker)
    return worker
  }

  /// Starts a worker on another host of `Cluster/hosts/hosts`.
  func startWorker(_ name: String, onHost host: Int) throws -> Process {
    let worker = programs.appendingPathComponent("tributary-worker").path
    let process = try start(
      URL(fileURLWithPath: TestHosts.script), ["exec", "\(host)", worker] + workerArguments(name), log: name)
    workers.append(process)
    return process
  }

  /// Starts a worker that has the same path to the store as the coordinator, and finds nothing there: it must stream.
  func startWorkerWithoutStore(_ name: String) throws {
    let worker = programs.appendingPathComponent("tributary-worker").path
    let script = "mount -t tmpfs none \"$0\" && exec \"$@\""
    let arguments = ["--mount", "sh", "-c", script, store, worker] + workerArguments(name)
    workers.append(try start(URL(fileURLWithPath: "/usr/bin/unshare"), arguments, log: name))
  }

  private func workerArguments(_ name: String) -> [String] {
    ["--connect", endpoint, "--name", name, "--cache", "\(folder)/cache", "--exit-with-parent"]
      + ["--secret-key", "\(folder)/worker.secret", "--server-key", "\(folder)/coordinator.key"]
  }

  /// Starts one of our programs, the one beside this.
  func start(_ program: String, _ arguments: [String]) throws -> Process {
    try start(programs.appendingPathComponent(program), arguments, log: program)
  }

  private func start(_ program: URL, _ arguments: [String], log: String) throws -> Process {
    let path = "\(folder)/\(log).log"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    process.standardError = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try process.run()
    return process
  }

  func client() throws -> Client {
    try Client(
      endpoint: endpoint, secretKeyFile: "\(folder)/client.secret", serverKeyFile: "\(folder)/coordinator.key",
      timeout: .seconds(60))
  }

  /// Ends a process at once, as a crash would.
  func kill(_ process: Process) {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Ends everything; the files stay for whoever wants to know what happened.
  func stop() {
    for process in workers + [coordinator] where process.isRunning { kill(process) }
  }
}

extension Cluster {
  /// Whether someone accepts connections at the endpoint.
  var isListening: Bool {
    let parts = endpoint.split(whereSeparator: { ":/".contains($0) })
    guard parts.count == 3, let port = UInt16(parts[2]) else { return false }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr(String(parts[1]))
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

extension Process {
  /// A figure in kilobytes from the kernel's table about a process, such as `VmRSS`.
  func kilobytes(_ name: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0
  }

  /// Seconds of processor time that a process has used.
  var processorSeconds: Double {
    let text = (try? String(contentsOfFile: "/proc/\(processIdentifier)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
