import ArgumentParser
import Messaging
import Runtime

/// Which coordinator a command talks to, and with which keys.
struct ConnectionOptions: ParsableArguments {
  @Option(help: "Address of the coordinator.")
  var connect = "tcp://127.0.0.1:5555"

  @OptionGroup var keys: KeyOptions

  func client() throws(MessagingError) -> Client { try keys.client(of: connect) }
}

/// Where a job is that a command makes something of: on a coordinator, or in a store on this machine.
struct JobOrigin: ParsableArguments {
  @Option(help: "Folder of the store.", completion: .directory)
  var store = "store"

  @Option(help: "Address of a coordinator that has the job, instead of a store on this machine.")
  var connect: String?

  @OptionGroup var keys: KeyOptions

  /// A client of the coordinator that was named; nil if the store is meant.
  func client() throws(MessagingError) -> Client? {
    guard let connect else { return nil }
    return try keys.client(of: connect)
  }

  /// Path of a file of a job in the store.
  func path(of name: String, in job: String) -> String { "\(store)/jobs/\(job)/\(name)" }
}

/// The keys of a connection; a coordinator on loopback may do without.
struct KeyOptions: ParsableArguments {
  @Option(help: "File with your secret key.", completion: .file())
  var secretKey: String?

  @Option(help: "File with the coordinator's public key.", completion: .file())
  var serverKey: String?

  func client(of endpoint: String) throws(MessagingError) -> Client {
    try Client(endpoint: endpoint, secretKeyFile: secretKey, serverKeyFile: serverKey)
  }
}
