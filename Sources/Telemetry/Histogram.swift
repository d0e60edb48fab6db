/// Durations counted by size: how many lasted at most so long.
public struct Histogram: Sendable {
  /// Upper ends of the buckets, in seconds; what is longer than the last counts in one more.
  public static let bounds = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// Durations in each bucket, not summed up.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  /// Sum of all durations, in seconds.
  public private(set) var sum = 0.0

  public init() {}

  /// Adds a duration, as often as it was seen.
  public mutating func observe(_ seconds: Double, times: Int = 1) {
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += times
    sum += seconds * Double(times)
  }
}
