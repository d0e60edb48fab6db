import ArgumentParser
import Messaging
import Runtime

struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Makes a CURVE key pair: NAME.key to give away, NAME.secret to keep.",
    discussion: """
      Make one for the coordinator, and one for each worker and client. Copy the workers' and clients' .key files into \
      the folder that the coordinator gets as --allowed-keys, and the coordinator's .key file to everyone.
      """)

  @Argument(help: "Path of the two files, without extension.", completion: .file())
  var name: String

  func run() throws {
    try ProcessEnd.reporting {
      let pair = try KeyPair.generate()
      try pair.write(to: name)
      print("wrote \(name).key (public) and \(name).secret (keep it secret)")
    }
  }
}
