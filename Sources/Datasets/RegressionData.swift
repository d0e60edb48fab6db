import Formats
import Specification

/// A regression set ready to learn from: split, and standardised by its training rows.
public struct RegressionData: Equatable, Sendable {
  /// Names of the features, in the order of the columns.
  public let featureNames: [String]
  /// Name of the target.
  public let targetName: String
  /// How each feature was standardised.
  public let featureScaling: [Scaling]
  /// How the target was standardised.
  public let targetScaling: Scaling
  /// Rows to learn from.
  public let training: Part
  /// Rows held out.
  public let test: Part

  /// Some rows of the set.
  public struct Part: Equatable, Sendable {
    /// Numbers of the rows in the table, from 0.
    public let rows: [Int]
    /// Standardised features, row-major: rows × features.
    public let inputs: [Double]
    /// Standardised targets, one a row.
    public let targets: [Double]

    /// Gathers rows.
    public init(rows: [Int], inputs: [Double], targets: [Double]) {
      (self.rows, self.inputs, self.targets) = (rows, inputs, targets)
    }
  }

  /// A shift and a scale: z = (x − mean) / scale.
  public struct Scaling: Equatable, Sendable {
    /// Mean over the training rows.
    public let mean: Double
    /// Standard deviation over the training rows (divisor n), or 1 for a feature that is constant there.
    public let scale: Double

    /// Creates a scaling.
    public init(mean: Double, scale: Double) {
      self.mean = mean
      self.scale = scale
    }

    /// The standardised value.
    public func standardised(_ value: Double) -> Double { (value - mean) / scale }

    /// The value in its own unit.
    public func restored(_ value: Double) -> Double { value * scale + mean }
  }

  /// Number of features.
  public var featureCount: Int { featureNames.count }
}

extension RegressionData {
  /// Reads, splits and standardises the set that a job names; `file` holds the bytes of the user's table, if it names one.
  ///
  /// Throws `DatasetError`: not a table of finite numbers, an unknown target column, too few rows for the split, or a
  /// target that is constant in the training rows.
  public init(_ data: DataSpecification, file bytes: [UInt8]? = nil) throws(DatasetError) {
    let (file, table, target) = try Self.table(data.source, bytes: bytes)
    do { try self.init(table, target: target, split: RowSplit(data.split, rowCount: table.rowCount)) } catch {
      throw DatasetError(error.code, "\(file): \(error.message)", cause: error.cause)
    }
  }

  private static func table(
    _ source: DataSpecification.Source, bytes: [UInt8]?
  ) throws(DatasetError) -> (file: String, table: CSVTable, target: TableFile.Column) {
    let (file, found, target, header): (String, [UInt8]?, TableFile.Column?, Bool) =
      switch source {
      case .shipped(let set): (set.rawValue, set.csv, nil, true)
      case .file(let table): (table.path, bytes, table.target, table.header)
      }
    guard let found else { throw DatasetError(.missingFile, "\(file): the file of the job was not supplied") }
    do {
      let table = try CSVTable(bytes: found, file: file, header: header)
      return (file, table, target ?? .index(table.columnNames.count - 1))
    } catch { throw DatasetError(.table, error.message, cause: error) }
  }

  private init(_ table: CSVTable, target: TableFile.Column, split: RowSplit) throws(DatasetError) {
    let target = try table.index(of: target)
    let features = table.columnNames.indices.filter { $0 != target }
    guard !features.isEmpty else { throw DatasetError(.column, "the table has no column besides the target") }
    var scaling: [Scaling] = []
    for column in features {
      let constant = Scaling(mean: table[split.training[0], column], scale: 1)
      scaling.append(try table.scaling(of: column, rows: split.training) ?? constant)
    }
    guard let targetScaling = try table.scaling(of: target, rows: split.training) else {
      let advice = "has the same value in every training row, so there is nothing to learn; choose another column"
      throw DatasetError(.values, "the target \(shown(table.columnNames[target])) \(advice)")
    }
    func part(_ rows: [Int]) -> Part {
      let inputs = rows.flatMap { row in zip(features, scaling).map { $1.standardised(table[row, $0]) } }
      return Part(rows: rows, inputs: inputs, targets: rows.map { targetScaling.standardised(table[$0, target]) })
    }
    for (column, scaling) in zip(features + [target], scaling + [targetScaling]) {
      guard (0..<table.rowCount).allSatisfy({ scaling.standardised(table[$0, column]).isFinite }) else {
        throw table.notStandardisable(column)
      }
    }
    featureNames = features.map { table.columnNames[$0] }
    targetName = table.columnNames[target]
    (featureScaling, self.targetScaling) = (scaling, targetScaling)
    (training, test) = (part(split.training), part(split.test))
  }
}

extension CSVTable {
  fileprivate subscript(row: Int, column: Int) -> Double { values[row * columnNames.count + column] }

  fileprivate func index(of column: TableFile.Column) throws(DatasetError) -> Int {
    switch column {
    case .index(let index):
      if columnNames.indices.contains(index) { return index }
      let last = columnNames.count - 1
      throw DatasetError(.column, "there is no column \(index); the columns are numbered 0…\(last)")
    case .name(let name):
      if let index = columnNames.firstIndex(of: name) { return index }
      let known = columnNames.prefix(20).map { oneLine($0, limit: 60) }.joined(separator: ", ")
      throw DatasetError(.column, "there is no column \(shown(name)); the columns are: \(known)")
    }
  }

  /// Mean and standard deviation over some rows, or nil if the column is constant there.
  fileprivate func scaling(of column: Int, rows: [Int]) throws(DatasetError) -> RegressionData.Scaling? {
    let first = self[rows[0], column]
    guard rows.contains(where: { self[$0, column] != first }) else { return nil }
    let count = Double(rows.count)
    let mean = rows.reduce(0) { $0 + self[$1, column] } / count
    let variance = rows.reduce(0) { $0 + (self[$1, column] - mean) * (self[$1, column] - mean) } / count
    guard variance > 0, variance.isFinite else { throw notStandardisable(column) }
    return RegressionData.Scaling(mean: mean, scale: variance.squareRoot())
  }

  fileprivate func notStandardisable(_ column: Int) -> DatasetError {
    let problem = "has values too large or too close together to be standardised; rescale it"
    return DatasetError(.values, "column \(shown(columnNames[column])) \(problem)")
  }
}
