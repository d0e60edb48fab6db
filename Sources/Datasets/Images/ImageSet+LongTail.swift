import Foundation

extension ImageSet {
  /// Pictures of which the classes grow rarer one by one: of class k of K the share `imbalance`^(k/(K − 1)) is kept, rounded, but at
  /// least one picture. Which ones is a function of their number and the key.
  ///
  /// Source: Cui, Jia, Lin, Song & Belongie, "Class-balanced loss based on effective number of samples", CVPR 2019.
  /// - Parameter numbers: Pictures of the set, of which some are kept, in their order.
  public func longTailed(_ numbers: some Sequence<Int>, imbalance: Double, key: UInt64) -> [Int] {
    let byClass = Dictionary(grouping: numbers) { label(at: $0) ?? 0 }
    return byClass.flatMap { label, members in
      let share = classCount > 1 ? pow(imbalance, Double(label) / Double(classCount - 1)) : 1
      let kept = max(1, Int((Double(members.count) * share).rounded()))
      let order = ShuffledOrder(count: members.count, key: key &+ UInt64(label))
      return (0..<kept).map { members[order.index(at: $0)] }
    }.sorted()
  }
}
