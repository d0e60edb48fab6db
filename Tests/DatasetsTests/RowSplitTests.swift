import Datasets
import Foundation
import Formats
import Specification
import Testing

private let dataFolder = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"].map { URL(filePath: $0) }
private let rowCounts: [(set: ShippedSet, rows: Int)] = [(.yacht, 308), (.energy, 768), (.concrete, 1030)]

/// FNV-1a over the rows as 32-bit little-endian numbers.
private func fingerprint(_ rows: [Int]) -> UInt64 {
  littleEndianBytes(of: rows.map(UInt32.init)).reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

private func numbers(_ path: String) throws -> CSVTable {
  let file = try #require(dataFolder).appending(path: path)
  return try CSVTable(bytes: Array(Data(contentsOf: file)), file: path, header: false)
}

@Suite struct RowSplitTests {
  /// Fingerprints of the published `index_train_K.txt` and `index_test_K.txt`, K = 0…19, one after the other.
  @Test(arguments: zip(rowCounts, [0xee0b_03d0_3e0e_f25d, 0x79d3_8185_f871_6dcd, 0x33bb_4ad3_ac2a_590d] as [UInt64]))
  func standardSplitsAreThePublishedOnes(of table: (set: ShippedSet, rows: Int), expected: UInt64) throws {
    let splits = try (0..<20).map { try RowSplit(.standard($0), rowCount: table.rows) }
    #expect(fingerprint(splits.flatMap { $0.training + $0.test }) == expected)
    #expect(splits.allSatisfy { ($0.training + $0.test).sorted() == Array(0..<table.rows) })
  }

  @Test(.enabled(if: dataFolder != nil, "TRIBUTARY_DATA is unset"), arguments: rowCounts)
  func standardSplitsEqualTheFilesRowByRow(of table: (set: ShippedSet, rows: Int)) throws {
    for index in 0..<20 {
      let split = try RowSplit(.standard(index), rowCount: table.rows)
      let folder = "uci/\(table.set.rawValue)"
      #expect(try numbers("\(folder)/index_train_\(index).txt").values == split.training.map(Double.init))
      #expect(try numbers("\(folder)/index_test_\(index).txt").values == split.test.map(Double.init))
    }
  }

  /// `numpy.random.RandomState(12345).permutation(10)`.
  @Test func aRandomSplitIsNumPysPermutation() throws {
    let split = try RowSplit(.shuffled(testFraction: 0.3, seed: 12345), rowCount: 10)
    #expect(split.training == [0, 7, 3, 9, 6, 4, 1])
    #expect(split.test == [8, 5, 2])
  }

  @Test func lastRowsStayInTheirOrder() throws {
    let split = try RowSplit(.last(rows: 3), rowCount: 10)
    #expect(split.training == Array(0..<7) && split.test == [7, 8, 9])
    #expect(throws: DatasetError.self) { try RowSplit(.last(rows: 9), rowCount: 10) }
    #expect(throws: DatasetError.self) { try RowSplit(.last(rows: 11), rowCount: 10) }
  }

  @Test func impossibleSplitsAreRefused() throws {
    let cases: [(DataSpecification.Split, Int, String)] = [
      (.standard(0), 4, "4 rows split into 4 training and 0 test rows; at least 2 and 1 are needed"),
      (.standard(20), 100, "there is no standard split 20; choose one of 0…19"),
      (.shuffled(testFraction: 1.5, seed: 1), 100, "testFraction must lie between 0 and 1, found 1.5"),
      (
        .shuffled(testFraction: 0.9, seed: 1), 10,
        "10 rows split into 1 training and 9 test rows; at least 2 and 1 are needed"
      ),
      (
        .shuffled(testFraction: 0.5, seed: 1), 0,
        "0 rows split into 0 training and 0 test rows; at least 2 and 1 are needed"
      ),
    ]
    for (split, rows, message) in cases {
      let error = try #require(throws: DatasetError.self) { try RowSplit(split, rowCount: rows) }
      #expect(error.message == message)
      #expect(error.code == .split)
    }
  }
}

@Suite struct ShippedSetTests {
  @Test(.enabled(if: dataFolder != nil, "TRIBUTARY_DATA is unset"), arguments: ShippedSet.allCases)
  func theShippedTableIsTheOriginal(_ set: ShippedSet) throws {
    let shipped = try CSVTable(bytes: set.csv, file: set.rawValue, header: true)
    #expect(try shipped.values == numbers("uci/\(set.rawValue)/data.txt").values)
  }
}
