import Messaging

extension Coordinator {
  /// The keys that may connect; nil if the coordinator shall do without.
  static func allowedKeys(_ configuration: Configuration) throws(MessagingError) -> AllowedKeys? {
    switch (configuration.secretKeyFile, configuration.allowedKeysPath) {
    case (nil, nil):
      let endpoint = try Endpoint(configuration.endpoint)
      guard endpoint.isLoopback || configuration.isInsecure else {
        throw MessagingError(
          .keyFile,
          """
          \(endpoint) can be reached from other hosts, so keys are needed. Make some with `tributary keygen` and give \
          --secret-key and --allowed-keys, or say --insecure to let anyone in.
          """)
      }
      return nil
    case (_, let path?) where configuration.secretKeyFile != nil:
      return try AllowedKeys(path: path)
    default:
      throw MessagingError(.keyFile, "Give both --secret-key and --allowed-keys, or none.")
    }
  }

  static func socketOptions(
    _ configuration: Configuration, _ authenticator: Authenticator?
  ) throws(MessagingError) -> SocketOptions {
    var options = SocketOptions()
    options.linger = .milliseconds(500)
    // The longest frames are the text of a job (1 MiB), a piece of a blob and a batch of commits. What a peer can make this
    // process hold in all is the guard's to bound.
    options.receiveHighWaterMark = 32
    options.frameBytesMax = 2 << 20
    options.framesMax = 8
    // The peers ping, and their pings carry a time to live. Were this side to ping too, libzmq 4.3.4 would abort the process
    // (assertion !_io_error) when a connection ends whose messages are not being read, as under a full disk.
    options.heartbeatInterval = .zero
    if let authenticator, let file = configuration.secretKeyFile {
      options.security = .server(try KeyPair(secretFile: file).secretKey, authenticator)
    }
    return options
  }

  static func guardConnections(of endpoint: String) throws(MessagingError) -> ConnectionGuard? {
    guard case .tcp(_, let port?) = try Endpoint(endpoint).transport else { return nil }
    return try ConnectionGuard(port: port, limits: .ofThisProcess())
  }
}
