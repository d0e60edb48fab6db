import Specification

/// A division of a table's rows into a training and a test part.
public struct RowSplit: Equatable, Sendable {
  /// Rows to learn from, in the order the split's recipe gives them.
  public let training: [Int]
  /// Rows held out, in the order the split's recipe gives them.
  public let test: [Int]

  /// Divides `rowCount` rows.
  ///
  /// The standard splits are those of Hernández-Lobato and Adams (2015) and of Gal and Ghahramani (2016): the k-th of
  /// twenty successive permutations by NumPy's `RandomState(1)`, of which the first nine tenths (rounded half up) train. A
  /// random split is `RandomState(seed).permutation`, of which the last `testFraction` (rounded half up) is held out. Rows that are
  /// held out as the last ones stay in their order.
  ///
  /// Throws `DatasetError.Code.split` if fewer than 2 rows would train or none would be held out.
  public init(_ split: DataSpecification.Split, rowCount: Int) throws(DatasetError) {
    let trainingCount: Int
    var generator: MersenneTwister
    var permutation: [Int] = []
    switch split {
    case .standard(let index):
      guard (0..<20).contains(index) else {
        throw DatasetError(.split, "there is no standard split \(index); choose one of 0…19")
      }
      trainingCount = (9 * rowCount + 5) / 10
      generator = MersenneTwister(seed: 1)
      for _ in 0...index { permutation = generator.permutation(rowCount) }
    case .shuffled(let fraction, let seed):
      guard fraction > 0, fraction < 1 else {
        throw DatasetError(.split, "testFraction must lie between 0 and 1, found \(fraction)")
      }
      trainingCount = rowCount - Int((fraction * Double(rowCount)).rounded())
      generator = MersenneTwister(seed: seed)
      permutation = generator.permutation(rowCount)
    case .last(let rows):
      trainingCount = rowCount - rows
      permutation = Array(0..<rowCount)
    }
    guard trainingCount >= 2, trainingCount < rowCount else {
      let parts = "\(max(0, trainingCount)) training and \(rowCount - max(0, trainingCount)) test rows"
      throw DatasetError(.split, "\(rowCount) rows split into \(parts); at least 2 and 1 are needed")
    }
    training = Array(permutation[..<trainingCount])
    test = Array(permutation[trainingCount...])
  }
}
