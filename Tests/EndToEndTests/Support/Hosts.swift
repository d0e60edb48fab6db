import TestSupport
import Glibc

/// The hosts of `Cluster/hosts/hosts`, which are taken away with their owner.
final class Hosts: Sendable {
  init(_ count: Int) throws {
    try Self.run("down")
    try Self.run("up", "\(count)")
  }

  deinit { try? Self.run("down") }

  /// What a command that runs on a host is preceded by.
  func on(_ number: Int) -> [String] { [Programs.hosts, "exec", "\(number)"] }

  /// Does something to a host, by the words of the script.
  func tell(_ verb: String, _ numbers: Int...) throws { try Self.run([verb] + numbers.map(String.init)) }

  func cut(_ number: Int) throws { try tell("cut", number) }

  func heal(_ number: Int) throws { try tell("heal", number) }

  /// Does something on a host: sockets that are made meanwhile are on that host's network.
  static func visit<Value>(_ number: Int, _ work: () throws -> Value) throws -> Value {
    let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    let host = open("/run/netns/tributary-host-\(number)", O_RDONLY | O_CLOEXEC)
    defer { for descriptor in [home, host] { close(descriptor) } }
    try moveThread(to: host)
    let result = Result { try work() }
    try moveThread(to: home)
    return try result.get()
  }

  /// Glibc's module map leaves out what needs _GNU_SOURCE: `int setns(int, int)` and `CLONE_NEWNET`.
  private static func moveThread(to namespace: Int32) throws {
    typealias Setns = @convention(c) (Int32, Int32) -> Int32
    let setns = dlsym(nil, "setns").map { unsafeBitCast($0, to: Setns.self) }
    guard namespace >= 0, setns?(namespace, 0x4000_0000) == 0 else {
      throw TestError("cannot enter a network namespace: \(String(cString: strerror(errno)))")
    }
  }

  private static func run(_ arguments: String...) throws { try run(arguments) }

  private static func run(_ arguments: [String]) throws {
    let process = try RunningProcess([Programs.hosts] + arguments, output: "/dev/null")
    guard try process.end() == 0 else { throw TestError("hosts \(arguments.joined(separator: " ")) failed") }
  }
}
