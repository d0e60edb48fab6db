import Dispatch
import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Serves `/metrics`, `/healthz` and `/readyz` over HTTP, on threads of its own.
public struct HealthServer: Sendable {
  /// Where the server listens, with the port that was chosen.
  public let address: String
  /// The port of `address`.
  public let port: UInt16

  /// How the start went, for the thread that waits for it.
  private final class Start: Sendable {
    private let outcome = Mutex<Result<(String, UInt16), any Error>?>(nil)
    private let isSettled = DispatchSemaphore(value: 0)

    func settle(_ result: Result<(String, UInt16), any Error>) {
      outcome.withLock { $0 = $0 ?? result }
      isSettled.signal()
    }

    func wait() -> Result<(String, UInt16), any Error> {
      isSettled.wait()
      return outcome.withLock { $0 } ?? .failure(CancellationError())
    }
  }

  /// Starts to serve, until the process ends.
  /// - Parameter address: Such as `127.0.0.1:9464`, `[::1]:9464`, or `0.0.0.0:9464` for all addresses of this host.
  /// - Throws: `TelemetryError`: the address is none, or cannot be listened on.
  public init(_ address: String, showing vitals: Vitals) throws(TelemetryError) {
    let server = try Self.server(at: address)
    let start = Start()
    Task.detached {
      await Self.addRoutes(to: server, vitals)
      Task {
        try? await server.waitUntilListening(timeout: 10)
        if let bound = await server.listeningAddress { start.settle(.success(Self.text(bound))) }
      }
      do {
        try await server.run()
      } catch {
        start.settle(.failure(error))
      }
    }
    switch start.wait() {
    case .success(let bound): (self.address, port) = bound
    case .failure(let error): throw Self.error(address, error)
    }
  }

  private static func server(at address: String) throws(TelemetryError) -> HTTPServer {
    let colon = address.lastIndex(of: ":") ?? address.startIndex
    let host = address[..<colon]
    guard let port = UInt16(address[colon...].dropFirst()) else { throw notAnAddress(address) }
    do {
      if host.hasPrefix("["), host.hasSuffix("]") {
        return HTTPServer(
          address: try sockaddr_in6.inet6(ip6: String(host.dropFirst().dropLast()), port: port), logger: .disabled)
      }
      let name = host == "localhost" ? "127.0.0.1" : String(host)
      return HTTPServer(address: try sockaddr_in.inet(ip4: name, port: port), logger: .disabled)
    } catch {
      throw notAnAddress(address)
    }
  }

  private static func addRoutes(to server: HTTPServer, _ vitals: Vitals) async {
    await server.appendRoute("GET /metrics") { _ in
      response(.ok, vitals.page, type: "text/plain; version=0.0.4; charset=utf-8")
    }
    await server.appendRoute("GET /healthz") { _ in response(to: vitals.illness) }
    await server.appendRoute("GET /readyz") { _ in response(to: vitals.obstacle) }
  }

  /// All is well, or it is said why not.
  private static func response(to trouble: String?) -> HTTPResponse {
    response(trouble == nil ? .ok : .serviceUnavailable, "\(trouble ?? "ok")\n", type: "text/plain; charset=utf-8")
  }

  private static func response(_ status: HTTPStatusCode, _ text: String, type: String) -> HTTPResponse {
    HTTPResponse(statusCode: status, headers: [.contentType: type], body: Data(text.utf8))
  }

  private static func text(_ address: FlyingSocks.Socket.Address) -> (String, UInt16) {
    switch address {
    case .ip4(let host, let port): ("\(host):\(port)", port)
    case .ip6(let host, let port): ("[\(host)]:\(port)", port)
    case .unix(let path): (path, 0)
    }
  }

  private static func notAnAddress(_ text: String) -> TelemetryError {
    TelemetryError(
      "\"\(text)\" is no address to serve metrics on: write ADDRESS:PORT, for example 127.0.0.1:9464 or [::1]:9464.")
  }

  private static func error(_ address: String, _ error: any Error) -> TelemetryError {
    guard case .failed(_, let number, let text)? = error as? SocketError else {
      return TelemetryError("Cannot serve metrics on \(address): \(error).", cause: error)
    }
    return switch number {
    case EADDRINUSE:
      TelemetryError(
        "Cannot serve metrics on \(address): another process already listens there. Choose another port.",
        isInUse: true, cause: error)
    case EADDRNOTAVAIL:
      TelemetryError("Cannot serve metrics on \(address): this host has no such address.", cause: error)
    case EACCES:
      TelemetryError("Cannot serve metrics on \(address): choose a port above 1023.", cause: error)
    default:
      TelemetryError("Cannot serve metrics on \(address): \(text).", cause: error)
    }
  }
}

/// Metrics cannot be served, with what to do about it.
public struct TelemetryError: Error, CustomStringConvertible {
  public let message: String
  /// Whether another process has the port.
  public let isInUse: Bool
  public let cause: (any Error)?

  init(_ message: String, isInUse: Bool = false, cause: (any Error)? = nil) {
    self.message = message
    self.isInUse = isInUse
    self.cause = cause
  }

  public var description: String { message }
}
