import Datasets
import Specification
import Testing

@Suite struct RegressionDataTests {
  /// Means and deviations from NumPy: `D[train].mean(0)`, `D[train].std(0)` with the published `index_train_0.txt`.
  @Test func yachtIsStandardisedByItsTrainingRows() throws {
    let data = try RegressionData(DataSpecification(source: .shipped(.yacht)))
    #expect(data.targetName == "residuary_resistance")
    #expect(data.featureNames.last == "froude_number")
    #expect(data.training.rows.count == 277 && data.test.rows.count == 31)
    #expect(data.training.rows.prefix(3) == [73, 304, 228])
    let mean = [-2.4166065, 0.5646065, 4.79068592, 3.94389892, 3.20794224, 0.28935018]
    let deviation = [1.49265786, 0.02316914, 0.25532148, 0.54825878, 0.25295743, 0.10069404]
    for (column, scaling) in data.featureScaling.enumerated() {
      #expect(abs(scaling.mean - mean[column]) < 1e-8)
      #expect(abs(scaling.scale - deviation[column]) < 1e-8)
    }
    #expect(abs(data.targetScaling.mean - 10.64646209) < 1e-8)
    #expect(abs(data.targetScaling.scale - 15.10990776) < 1e-8)
    #expect(data.training.inputs.count == 277 * 6 && data.test.inputs.count == 31 * 6)
    #expect(abs(data.training.targets.reduce(0, +)) < 1e-10)
    #expect(abs(data.training.targets.reduce(0) { $0 + $1 * $1 } - 277) < 1e-9)
  }

  @Test func aTableOfTheUsersKeepsItsColumnsApart() throws {
    let csv = "a,price,flat\r\n1,10,5\r\n2,20,5\r\n3,40,5\r\n4,70,5\r\n"
    let source = DataSpecification.Source.file(TableFile(path: "p.csv", target: .name("price")))
    let split = DataSpecification.Split.shuffled(testFraction: 0.25, seed: 7)
    let data = try RegressionData(DataSpecification(source: source, split: split), file: Array(csv.utf8))
    #expect(data.featureNames == ["a", "flat"])
    #expect(data.featureScaling[1] == RegressionData.Scaling(mean: 5, scale: 1))
    let original = [10.0, 20, 40, 70]
    for part in [data.training, data.test] {
      for (index, row) in part.rows.enumerated() {
        #expect(abs(data.targetScaling.restored(part.targets[index]) - original[row]) < 1e-12)
        #expect(abs(data.featureScaling[0].restored(part.inputs[2 * index]) - Double(row + 1)) < 1e-12)
        #expect(part.inputs[2 * index + 1] == 0)
      }
    }
  }

  @Test func faultsSayWhatToDo() throws {
    let rows = (0..<20).map { "\($0),\($0 * $0),1\n" }.joined()
    let cases: [(csv: String?, target: TableFile.Column, header: Bool, message: String)] = [
      (nil, .index(0), false, "my.csv: the file of the job was not supplied"),
      ("x,y,z\n" + rows, .name("Y"), true, "my.csv: there is no column \"Y\"; the columns are: x, y, z"),
      (rows, .index(3), false, "my.csv: there is no column 3; the columns are numbered 0…2"),
      (rows, .index(-1), false, "my.csv: there is no column -1; the columns are numbered 0…2"),
      ("1\n2\n3\n4\n5\n6\n7\n", .index(0), false, "my.csv: the table has no column besides the target"),
      (
        "x,y,z\n" + rows, .name("z"), true,
        "my.csv: the target \"z\" has the same value in every training row, so there is nothing to learn; "
          + "choose another column"
      ),
      (
        rows.replacing("19,361", with: "19,1e300").replacing("18,324", with: "18,-1e300"), .index(0), false,
        "my.csv: column \"x1\" has values too large or too close together to be standardised; rescale it"
      ),
      (
        rows + "1,nan,1\n", .index(0), false,
        "my.csv:21: column 1 (from 0): \"nan\" is not a finite number; remove the row"
      ),
    ]
    for (csv, target, header, message) in cases {
      let source = DataSpecification.Source.file(TableFile(path: "my.csv", target: target, header: header))
      let error = try #require(throws: DatasetError.self) {
        try RegressionData(DataSpecification(source: source), file: csv.map { Array($0.utf8) })
      }
      #expect(error.message == message)
    }
  }
}
