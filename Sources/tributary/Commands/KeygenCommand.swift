import ArgumentParser
import Messaging
import Runtime

extension Role: ExpressibleByArgument {}

struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Makes a CURVE key pair: NAME.key to give away, NAME.secret to keep.",
    discussion: """
      Make one for the coordinator, without a role, and one for each worker and client, with theirs: a worker's key may \
      only run tasks, a client's only submit, ask and cancel. Copy the workers' and clients' .key files into the folder \
      that the coordinator gets as --allowed-keys, and the coordinator's .key file to everyone.
      """)

  @Argument(help: "Path of the two files, without extension.", completion: .file())
  var name: String

  @Option(help: "What the owner may do: worker or client. A coordinator's key has no role.")
  var role: Role?

  func run() throws {
    try ProcessEnd.reporting {
      let pair = try KeyPair.generate()
      try pair.write(to: name, role: role)
      print("wrote \(name).key (public) and \(name).secret (keep it secret)")
    }
  }
}
