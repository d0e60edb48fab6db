import Messaging
import Telemetry

/// The page of figures that a process serves when it is told to.
public final class HealthEndpoint {
  /// What the page shows.
  public let vitals = Vitals()
  /// Where it is served.
  public let address: String
  private let connectionGuard: ConnectionGuard

  /// Starts to serve.
  /// - Parameter address: Such as `127.0.0.1:9464`.
  /// - Throws: `TelemetryError` when it cannot be listened on, `MessagingError` when the process has no threads left.
  public init(_ address: String) throws {
    let server = try HealthServer(address, showing: vitals)
    self.address = server.address
    // HTTP has no keys, and its library takes headers of any length. A scrape is some hundred bytes, so this cuts a
    // connection of an honest reader after thousands of them.
    var limits = ConnectionGuard.Limits()
    (limits.unreadBytesMax, limits.connectionsMax) = (1 << 20, 64)
    connectionGuard = try ConnectionGuard(port: server.port, limits: limits)
  }
}
