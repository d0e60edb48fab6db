/// Rows of inputs and their targets, checked.
struct TrainingRows {
  /// Row-major, rows × columns.
  let inputs: [Double]
  let rows: Int
  let columns: Int
  let targets: [Double]

  init(inputs: [Double], rows: Int, columns: Int, targets: [Double]) throws(PosteriorError) {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard rows > 0, columns > 0, !overflow, inputs.count == count, targets.count == rows else {
      throw PosteriorError(
        .invalidArgument,
        "\(rows) rows of \(columns) columns do not fit \(inputs.count) inputs and \(targets.count) targets")
    }
    if let index = inputs.firstIndex(where: { !$0.isFinite }) {
      throw PosteriorError(
        .invalidArgument, "input row \(index / columns), column \(index % columns) is \(inputs[index]): remove the row")
    }
    if let row = targets.firstIndex(where: { !$0.isFinite }) {
      throw PosteriorError(.invalidArgument, "the target of row \(row) is \(targets[row]): remove the row")
    }
    (self.inputs, self.rows, self.columns, self.targets) = (inputs, rows, columns, targets)
  }
}
