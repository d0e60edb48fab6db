import HeapModule

/// Members by rank, lowest first; a rank may change at any time, in O(log n). No two members have the same rank.
struct Ranking<Member: Hashable & Sendable, Rank: Comparable & Sendable>: Sendable {
  private struct Entry: Comparable, Sendable {
    let rank: Rank
    let member: Member

    static func == (left: Entry, right: Entry) -> Bool { left.rank == right.rank }
    static func < (left: Entry, right: Entry) -> Bool { left.rank < right.rank }
  }

  private var ranks: [Member: Rank] = [:]
  /// An entry for every member and its rank, and stale ones that are skipped.
  private var heap = Heap<Entry>()

  /// The rank of a member; setting it adds or removes one.
  subscript(member: Member) -> Rank? {
    get { ranks[member] }
    set {
      guard let newValue else {
        ranks[member] = nil
        return
      }
      guard ranks.updateValue(newValue, forKey: member) != newValue else { return }
      heap.insert(Entry(rank: newValue, member: member))
      if heap.count > 4 * ranks.count + 64 { heap = Heap(ranks.map { Entry(rank: $1, member: $0) }) }
    }
  }

  /// The member of the lowest rank.
  mutating func first() -> (member: Member, rank: Rank)? {
    while let entry = heap.min {
      if ranks[entry.member] == entry.rank { return (entry.member, entry.rank) }
      heap.removeMin()
    }
    return nil
  }

  var isEmpty: Bool { ranks.isEmpty }

  var members: Dictionary<Member, Rank>.Keys { ranks.keys }
}
