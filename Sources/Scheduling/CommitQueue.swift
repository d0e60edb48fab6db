import OrderedCollections

/// Which commits of a worker go into its next message. While some are under way, others gather, as bytes do in RFC 896: a
/// busy coordinator gets few large messages, and an idle one every commit at once.
public struct CommitQueue: Sendable {
  private var waiting: OrderedSet<Commit> = []
  /// Sent, and neither acknowledged nor revoked.
  private var underWay: Set<Commit> = []

  public init() {}

  /// Adds a commit; one that is under way is sent again because its message is lost, and so are all others.
  public mutating func add(_ commit: Commit) {
    if underWay.contains(commit) {
      underWay.removeAll()
      waiting.removeAll()
    }
    waiting.append(commit)
  }

  /// A commit is acknowledged, or not wanted any more.
  public mutating func remove(_ commit: Commit) {
    underWay.remove(commit)
    waiting.remove(commit)
  }

  /// Takes what is to be sent now: nothing while commits are under way, unless a message goes out anyway.
  public mutating func next(withOtherMessage: Bool) -> [Commit] {
    guard underWay.isEmpty || withOtherMessage else { return [] }
    defer { waiting.removeAll() }
    underWay.formUnion(waiting)
    return Array(waiting)
  }
}
