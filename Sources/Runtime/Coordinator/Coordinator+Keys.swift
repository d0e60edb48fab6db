import Logging
import Messaging

extension Coordinator {
  /// Whether a message may be looked at: without keys always, else if its sender's key is on the list now.
  func isAdmitted(_ message: Message) -> Bool {
    let owner = message.userID.flatMap { allowedKeys?[userID: $0] }
    guard allowedKeys == nil || owner != nil else {
      expel(message.routingID, message.sourceDescriptor)
      return false
    }
    peers.heard(
      message.routingID, descriptor: message.sourceDescriptor, userID: message.userID, role: owner?.role,
      at: MonotonicClock.now)
    return true
  }

  /// Puts a new list of allowed keys in force: whoever is not on it, or in another role, is cut off.
  func admit(_ list: AllowedKeys) {
    guard let former = allowedKeys else { return }
    authenticator?.admit(list)
    allowedKeys = list
    let (added, removed) = (list.names(missingFrom: former), former.names(missingFrom: list))
    logger.notice(
      "the list of allowed keys has changed",
      metadata: ["added": "\(added.joined(separator: ", "))", "removed": "\(removed.joined(separator: ", "))"])
    for (routingID, peer) in peers.byRoutingID where peer.userID.flatMap({ list[userID: $0] })?.role != peer.role {
      expel(routingID, peer.descriptor)
    }
  }

  /// Tells a peer once that its key is not on the list any more, ends its leases, and forgets it. Its connection is cut a
  /// little later, so that the word reaches it; until then nothing it says is read.
  private func expel(_ routingID: Peers.RoutingID, _ descriptor: Int32?) {
    if let descriptor {
      guard condemned[descriptor] == nil else { return }
      condemned[descriptor] = MonotonicClock.now.advanced(bySeconds: 0.5)
    }
    let message = "This key is no longer on the coordinator's list of allowed keys, or stands there in another role."
    send(Refused(code: "revoked", message: message), to: routingID)
    forget(routingID, because: "key revoked")
  }

  /// Cuts the connections whose time is over.
  func cutCondemned() {
    guard !condemned.isEmpty else { return }
    let now = MonotonicClock.now
    for (descriptor, end) in condemned where end <= now {
      condemned[descriptor] = nil
      socket.cut(descriptor)
    }
  }

  /// Refuses what only another role may ask for.
  func refuse(_ type: String, of role: Role, _ routingID: Peers.RoutingID) {
    violations += 1
    if violations <= 20 || violations.isMultiple(of: 1000) {
      let owner = peers[routingID]?.userID.flatMap { allowedKeys?[userID: $0] }?.name ?? ""
      logger.warning(
        "refused a request beyond a key's role",
        metadata: ["count": "\(violations)", "key": "\(owner)", "role": "\(role.rawValue)", "type": "\(type)"])
    }
    let other = role == .worker ? Role.client : .worker
    let message = """
      A \(role.rawValue)'s key may not send \(type). Use a \(other.rawValue)'s key: make one with `tributary keygen NAME \
      --role \(other.rawValue)` and add NAME.key to the coordinator's list.
      """
    send(Refused(code: "role", message: message), to: routingID)
  }
}
