/// What each connection has brought and taken.
struct ConnectionLedger {
  private struct Account {
    let connection: TCPConnection
    /// Order in which connections were first seen.
    let sequence: Int
    var isCut = false
    /// Bytes libzmq had read at the last look.
    var read: UInt64 = 0
    /// Of these, how many were surely part of messages that the owner has, or nobody's.
    var settled: UInt64 = 0
    /// Whether a message has come since the last look, and ever.
    var wasHeard = false
    var isKnown = false
    var sent: UInt64 = 0
    var acknowledged: UInt64 = 0

    var unread: Int { Int(clamping: read - min(read, settled)) }
    var unsent: Int { Int(clamping: sent - min(sent, acknowledged)) }
    var held: Int { unread + unsent }

    mutating func note(read: UInt64, acknowledged: UInt64) {
      // Frames take more on the wire than they hold, and heartbeats are nobody's messages. But a message that has come since
      // the last look was whole, and nothing overtakes in a connection: what was there then and has not come can only be
      // what followed it in the same 20 ms.
      if wasHeard { settled = max(settled, self.read) }
      settled = min(settled, read)
      (self.read, self.acknowledged, wasHeard) = (read, acknowledged, false)
      sent = max(sent, acknowledged)
    }
  }

  let limits: ConnectionGuard.Limits
  private(set) var report = ConnectionGuard.Report()
  private var accounts: [Int32: Account] = [:]
  private var connectionsSeen = 0

  init(limits: ConnectionGuard.Limits) { self.limits = limits }

  mutating func heard(_ bytes: [Int32: Int]) {
    for (descriptor, count) in bytes {
      if accounts[descriptor] == nil, case .connection(let new) = TCPConnection.look(up: descriptor) {
        accounts[descriptor] = open(new)
      }
      accounts[descriptor]?.settled += UInt64(count)
      accounts[descriptor]?.wasHeard = true
      accounts[descriptor]?.isKnown = true
    }
  }

  mutating func maySend(_ bytes: Int, through descriptor: Int32) -> Bool {
    guard var account = accounts[descriptor] else { return true }
    if account.unsent > limits.unsentBytesMax, let progress = account.connection.progress {
      account.acknowledged = progress.acknowledged
    }
    guard account.unsent <= limits.unsentBytesMax else {
      cut(account, "\(account.unsent) bytes wait for a peer that does not read")
      return false
    }
    account.sent += UInt64(bytes)
    accounts[descriptor] = account
    return true
  }

  /// Takes in how far all connections are, and cuts those that hold too much.
  mutating func update(_ readings: [ConnectionSurvey.Reading]) {
    var accountsBefore = accounts
    accounts.removeAll(keepingCapacity: true)
    for reading in readings {
      let former = accountsBefore.removeValue(forKey: reading.connection.descriptor)
      let known = former.flatMap { $0.connection.cookie == reading.connection.cookie ? $0 : nil }
      var account = known ?? open(reading.connection)
      account.note(read: reading.read, acknowledged: reading.acknowledged)
      accounts[reading.connection.descriptor] = account
    }
    judge()
  }

  private mutating func open(_ connection: TCPConnection) -> Account {
    connectionsSeen += 1
    return Account(connection: connection, sequence: connectionsSeen)
  }

  private mutating func judge() {
    var guarded = accounts.values.filter { !$0.isCut }
    for account in guarded where account.unread > limits.unreadBytesMax {
      cut(account, "\(account.unread) bytes without a whole message")
    }
    guarded.removeAll { accounts[$0.connection.descriptor]?.isCut == true }
    report.heldBytes = guarded.reduce(0) { $0 + $1.held }
    report.connections = guarded.count
    if report.heldBytes > limits.totalBytesMax {
      guarded.sort { $0.held > $1.held }
      for account in guarded where report.heldBytes > limits.totalBytesMax {
        cut(account, "all peers together hold \(report.heldBytes) bytes, and this one most of them")
        report.heldBytes -= account.held
      }
    }
    if report.connections > limits.connectionsMax {
      let strangers = guarded.filter { !$0.isKnown }.sorted { $0.sequence < $1.sequence }
      for account in strangers.prefix(report.connections - limits.connectionsMax) {
        cut(account, "more than \(limits.connectionsMax) connections")
      }
    }
  }

  private mutating func cut(_ account: Account, _ reason: String) {
    accounts[account.connection.descriptor]?.isCut = true
    // The descriptor may have gone to another connection since.
    if case .connection(let now) = TCPConnection.look(up: account.connection.descriptor),
      now.cookie == account.connection.cookie
    {
      now.cut()
    }
    report.cuts += 1
    report.lastReason = reason
  }
}
