import Logging
import Messaging
import Scheduling

/// The coordinator will never take this worker; trying again is no use.
public struct WorkerRefused: Error, CustomStringConvertible {
  /// `key`, `version`, or a code of the coordinator's, such as `role`, `revoked` or `nameTaken`.
  public let code: String
  /// What to do.
  public let message: String

  public var description: String { message }
}

/// Tells people, calmly, how a worker's connection to its coordinator is.
struct ConnectionNews {
  /// Set when the coordinator has refused this worker as a whole.
  var refusal: WorkerRefused?
  private var isConnected = false
  /// Whether the coordinator knows this worker on the connection that stands.
  private(set) var isJoined = false
  /// When the coordinator was last heard, or last missed aloud.
  private var lastWord: Instant?
  private var handshakesFailed = 0

  /// Takes in an event of the transport.
  /// - Returns: Whether the connection stands now.
  /// - Throws: `WorkerRefused` when the keys do not fit.
  mutating func take(_ event: MonitorEvent, _ endpoint: String, _ logger: Logger) throws(WorkerRefused) -> Bool {
    switch event.kind {
    case .handshakeSucceeded:
      (isConnected, handshakesFailed) = (true, 0)
      return true
    case .disconnected:
      if isConnected {
        logger.warning("lost the coordinator; tasks go on, trying again", metadata: ["at": "\(endpoint)"])
      }
      (isConnected, isJoined) = (false, false)
    case .handshakeFailedAuth:
      throw WorkerRefused(
        code: "key",
        message: """
          The coordinator at \(endpoint) does not know this key. Add the public key to its --allowed-keys, with role=worker.
          """)
    case .handshakeFailedProtocol:
      throw WorkerRefused(
        code: "key",
        message: """
          \(endpoint) uses keys and this process does not, or the other way round, or is no coordinator. Give --secret-key \
          and --server-key if the coordinator has keys.
          """)
    case .handshakeFailedNoDetail: handshakesFailed += 1
    default: break
    }
    return false
  }

  mutating func joined(sharesStore: Bool, _ logger: Logger) {
    isJoined = true
    logger.info("joined", metadata: ["store": "\(sharesStore ? "shared folder" : "through the coordinator")"])
  }

  /// Notes a sign of life of the coordinator.
  mutating func heard(at now: Instant) { lastWord = now }

  /// Says from time to time that the coordinator is still being waited for.
  mutating func remind(_ endpoint: String, at now: Instant, _ logger: Logger) {
    guard let last = lastWord else { return lastWord = now }
    guard now.seconds(since: last) >= 5 else { return }
    lastWord = now
    guard !isConnected else {
      return logger.warning("the coordinator is silent; tasks go on", metadata: ["at": "\(endpoint)"])
    }
    let hint =
      handshakesFailed == 0
      ? "start it, or check the address" : "it hangs up; check --server-key, and --secret-key if it has keys"
    logger.warning("waiting for a coordinator", metadata: ["at": "\(endpoint)", "hint": "\(hint)"])
  }
}

extension Security {
  /// What a worker or client needs to talk to a coordinator that has keys; none without.
  init(secretKeyFile: String?, serverKeyFile: String?) throws(MessagingError) {
    switch (secretKeyFile, serverKeyFile) {
    case (nil, nil): self = .none
    case (let secret?, let server?):
      self = .client(try KeyPair(secretFile: secret), server: try PublicKey(file: server))
    default:
      throw MessagingError(
        .keyFile, "Give both --secret-key (one's own) and --server-key (the coordinator's), or none.")
    }
  }
}
