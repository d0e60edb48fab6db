import Formats
import Posterior

extension SegmentRecord {
  /// What the names of a paused segment's arrays begin with, in a checkpoint.
  static let prefix = "segment/"
  private static let columns = prefix + "columns/"
  private static let statistics = prefix + "statistics/"

  /// A checkpoint inside the segment: the state of the chain, and what the segment has gathered so far.
  func paused(_ snapshot: Snapshot) throws(FormatError) -> [UInt8] {
    var file = try snapshot.safetensors()
    for (column, values) in columns {
      file["\(Self.columns)\(column.group)/\(column.array)"] = try Safetensors.Tensor(values)
    }
    // Their order is that of the arrays in the store's layout, so it has to survive.
    for (position, statistic) in (statistics.first ?? []).enumerated() {
      let values = statistics.map { $0[position].value }
      file["\(Self.statistics)\(100 + position)/\(statistic.name)"] = try Self.tensor(of: values)
    }
    return try file.encoded()
  }

  /// Takes up what `paused` wrote; a checkpoint from the start of a segment brings nothing.
  mutating func resume(from checkpoint: [UInt8]) throws(FormatError) {
    (statistics, columns) = try Self.gathered(in: checkpoint)
  }

  /// What a segment had gathered when it was paused: the statistics of each iteration, all of the same names, and columns.
  package static func gathered(
    in checkpoint: [UInt8]
  ) throws(FormatError) -> (statistics: [[SampleStatistic]], columns: [Column: [Double]]) {
    var statistics: [[SampleStatistic]] = []
    var columns: [Column: [Double]] = [:]
    let file = try Safetensors(bytes: checkpoint)
    for name in file.names where name.hasPrefix(Self.columns) {
      let parts = name.dropFirst(Self.columns.count).split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw FormatError(.safetensors, "\(shown(name)) names no column of a segment") }
      columns[Column(group: parts[0], array: parts[1])] = try file.tensor(name).doubles()
    }
    for name in file.names where name.hasPrefix(Self.statistics) {
      guard let word = name.split(separator: "/").last else { continue }
      let values = try Self.values(of: try file.tensor(name))
      if statistics.isEmpty { statistics = Array(repeating: [], count: values.count) }
      guard values.count == statistics.count else {
        throw FormatError(.safetensors, "\(shown(name)) has \(values.count) values, not \(statistics.count)")
      }
      for (iteration, value) in values.enumerated() {
        statistics[iteration].append(SampleStatistic(String(word), value))
      }
    }
    return (statistics, columns)
  }

  private static func tensor(of values: [SampleStatistic.Value]) throws(FormatError) -> Safetensors.Tensor {
    switch values.first {
    case .integer: try Safetensors.Tensor(values.map { if case .integer(let value) = $0 { value } else { 0 } })
    case .truth: try Safetensors.Tensor(values.map { $0 == .truth(true) })
    case .real, nil:
      try Safetensors.Tensor(values.map { if case .real(let value) = $0 { value } else { Double.nan } })
    }
  }

  private static func values(of tensor: Safetensors.Tensor) throws(FormatError) -> [SampleStatistic.Value] {
    switch tensor.dtype {
    case .int64: try tensor.integerValues().map { .integer($0) }
    case .bool: try tensor.booleans().map { .truth($0) }
    default: try tensor.doubles().map { .real($0) }
    }
  }
}
