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

  /// Moves the calling thread to a host, for good: the sockets it makes from now on are on that host's network.
  static func moveThread(to number: Int) throws {
    let descriptor = open("/run/netns/tributary-host-\(number)", O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    // Glibc's module map leaves out what needs _GNU_SOURCE: int setns(int, int), CLONE_NEWNET.
    typealias Setns = @convention(c) (Int32, Int32) -> Int32
    let setns = dlsym(nil, "setns").map { unsafeBitCast($0, to: Setns.self) }
    guard descriptor >= 0, setns?(descriptor, 0x4000_0000) == 0 else {
      throw TestError("cannot enter host \(number): \(String(cString: strerror(errno)))")
    }
  }

  private static func run(_ arguments: String...) throws { try run(arguments) }

  private static func run(_ arguments: [String]) throws {
    let process = try RunningProcess([Programs.hosts] + arguments, output: "/dev/null")
    guard try process.end() == 0 else { throw TestError("hosts \(arguments.joined(separator: " ")) failed") }
  }
}
