internal import CZeroMQ
internal import Synchronization

/// Decides who may connect to the CURVE servers of a context (ZAP, ZeroMQ RFC 27).
///
/// Without one libzmq takes every client that knows the server's public key. Therefore a server cannot be made without
/// an authenticator, keeps it alive, and an authenticator that fails goes on refusing. An empty list refuses everyone.
public final class Authenticator: Sendable {
  /// A peer that was refused.
  public struct Refusal: Hashable, Sendable {
    /// The peer's IP address.
    public let address: String
    /// The key that it proved to own; `nil` when it had none.
    public let key: PublicKey?
    /// Why, in words.
    public let reason: String
  }

  /// What was refused so far.
  public struct Refusals: Hashable, Sendable {
    /// How many connections.
    public internal(set) var count: UInt64 = 0
    /// The last of them.
    public internal(set) var last: Refusal?
  }

  /// The ZAP domain of all our servers.
  static let domain = "tributary"

  let context: Context
  private let desk: Desk
  private let stop: WakeUp
  private let thread: OwnedThread

  /// Starts to answer for a context, on a thread of its own.
  ///
  /// - Throws: ``MessagingError`` `.addressInUse` when the context already has one, `.system`.
  public init(_ context: Context, allowed: AllowedKeys) throws(MessagingError) {
    self.context = context
    desk = Desk(allowed)
    stop = try WakeUp()
    let service = try Service(context, desk, stop)
    thread = try OwnedThread(name: "authenticator") { service.run() }
  }

  /// Ends the thread, which `thread` joins when it is released.
  deinit { stop.signal() }

  /// What was refused so far; safe from any thread.
  public var refusals: Refusals { desk.refusals.withLock { $0 } }

  /// Decides by another list from now on; safe from any thread. Connections that stand already are not touched: whoever
  /// reads their messages must look at ``Message/userID``.
  public func admit(_ allowed: AllowedKeys) { desk.allowed.withLock { $0 = allowed } }
}

/// The decision, apart from the socket.
final class Desk: Sendable {
  let refusals = Mutex(Authenticator.Refusals())
  let allowed: Mutex<AllowedKeys>

  init(_ allowed: AllowedKeys) { self.allowed = Mutex(allowed) }

  /// The frames that answer a request, or `nil` for bytes without a request number to answer to.
  ///
  /// Request: empty, version, number, domain, address, routing identity, mechanism, credentials.
  /// Reply: empty, version, number, status, text, user, metadata.
  func reply(to frames: [[UInt8]]) -> [[UInt8]]? {
    guard frames.count >= 3, frames[0].isEmpty else {
      refuse(address: "", key: nil, "malformed ZAP request")
      return nil
    }
    let user = user(frames)
    let status = user == nil ? ("400", "Not allowed") : ("200", "OK")
    return [[], Array("1.0".utf8), frames[2], Array(status.0.utf8), Array(status.1.utf8), user ?? [], []]
  }

  private func user(_ frames: [[UInt8]]) -> [UInt8]? {
    guard frames.count >= 7, frames[1] == Array("1.0".utf8), frames[3] == Array(Authenticator.domain.utf8) else {
      return refuse(address: "", key: nil, "malformed ZAP request")
    }
    let address = String(decoding: frames[4], as: UTF8.self)
    guard frames.count == 8, frames[6] == Array("CURVE".utf8), let key = PublicKey(bytes: frames[7]) else {
      return refuse(address: address, key: nil, "no CURVE key")
    }
    guard allowed.withLock({ $0[key] }) != nil else { return refuse(address: address, key: key, "key not on the list") }
    return Array(key.z85.utf8)
  }

  @discardableResult
  private func refuse(address: String, key: PublicKey?, _ reason: String) -> [UInt8]? {
    refusals.withLock {
      $0.count += 1
      $0.last = Authenticator.Refusal(address: address, key: key, reason: reason)
    }
    return nil
  }
}

/// The socket that libzmq asks, and the loop that answers.
private final class Service {
  private let socket: Socket
  private let desk: Desk
  private let stop: WakeUp

  init(_ context: Context, _ desk: Desk, _ stop: WakeUp) throws(MessagingError) {
    socket = try Socket(.router, context)
    try socket.bind("inproc://zeromq.zap.01")
    self.desk = desk
    self.stop = stop
  }

  func run() {
    var pollSet = PollSet()
    pollSet.add(descriptor: stop.descriptor)
    let requests = pollSet.add(socket)
    while !stop.drain() {
      do {
        try pollSet.wait(atMost: nil)
        while pollSet[requests].contains(.readable), try answerNext() {}
      } catch {
        // The socket stays bound, so libzmq still asks; a question without an answer lets nobody in.
        if error.code != .invalidMessage { pollSet.watch(requests, for: []) }
      }
    }
  }

  private func answerNext() throws(MessagingError) -> Bool {
    guard let request = try socket.receive() else { return false }
    if let reply = desk.reply(to: request.frames) {
      // A peer that hung up meanwhile has no use for the answer.
      _ = try socket.send(Message(reply, to: request.routingID))
    }
    return true
  }
}
