/// A stretch of a chain, from which its autocorrelation time is estimated: of some coordinates, and bounded in length, since
/// it travels in every snapshot.
struct PositionRecord: Equatable {
  /// Positions at most: later ones are not recorded.
  private static let positionsMax = 4096
  /// Coordinates at most, evenly spread.
  private static let coordinatesMax = 32

  private let coordinates: [Int]
  private var columns: [[Double]]

  init(dimensions: Int) {
    let step = (dimensions + Self.coordinatesMax - 1) / Self.coordinatesMax
    coordinates = Array(stride(from: 0, to: dimensions, by: step))
    columns = coordinates.map { _ in [] }
  }

  private var count: Int { columns[0].count }

  mutating func add(_ position: [Double]) {
    guard count < Self.positionsMax else { return }
    for (column, coordinate) in coordinates.enumerated() { columns[column].append(position[coordinate]) }
  }

  /// Iterations for one effective draw, of every coordinate; nil if too few were recorded, or nothing moved.
  var autocorrelationTimes: [Double]? {
    guard count >= 8 else { return nil }
    let times = columns.map { Double(count) / DrawTable(chains: [$0]).effectiveSampleSize }
    return times.allSatisfy { $0.isFinite && $0 > 0 } ? times : nil
  }

  func save(to snapshot: inout Snapshot) {
    snapshot.save(count, as: "recorded")
    snapshot.save(columns.flatMap { $0 }, as: "recorded_positions")
  }

  init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError) {
    self.init(dimensions: dimensions)
    let count = try snapshot.counter("recorded")
    try require(count <= Self.positionsMax, "a snapshot holds \(Self.positionsMax) recorded positions at most")
    let values = try snapshot.vector("recorded_positions", count: count * coordinates.count)
    columns = coordinates.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
  }
}
