import ArgumentParser
import Messaging
import Runtime

/// Which coordinator a command talks to, and with which keys.
struct ConnectionOptions: ParsableArguments {
  @Option(help: "Address of the coordinator.")
  var connect = "tcp://127.0.0.1:5555"

  @Option(help: "File with your secret key.", completion: .file())
  var secretKey: String?

  @Option(help: "File with the coordinator's public key.", completion: .file())
  var serverKey: String?

  func client() throws(MessagingError) -> Client {
    try Client(endpoint: connect, secretKeyFile: secretKey, serverKeyFile: serverKey)
  }
}
