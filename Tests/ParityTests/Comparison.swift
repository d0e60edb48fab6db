import Formats
import Tensors

/// Everything of one case that was compared, and where the two sides differ most.
///
/// The measure is max |a − b| / (1 + |b|), b being the reference. A value that is not a number where the reference is one
/// (or the other way round) is an infinite error.
struct Comparison {
  private let reference: ParityCase
  /// How many arrays were compared.
  private(set) var count = 0
  /// The error that is largest in units of its tolerance.
  private(set) var worst: (name: String, error: Double, tolerance: Double)?

  init(_ reference: ParityCase) { self.reference = reference }

  /// Whether something was compared and all of it lies within its tolerance.
  var holds: Bool { worst.map { $0.error <= $0.tolerance } ?? false }

  /// Compares numbers with a stored array of the case; `tolerance` overrides the case's.
  mutating func compare(_ values: [Double], with name: String, tolerance: Double? = nil) throws {
    compare(values, with: try reference.values(name), named: name, tolerance: tolerance)
  }

  /// Compares a tensor, shape included, with a stored array of the case; `tolerance` overrides the case's.
  mutating func compare(_ tensor: Tensor, with name: String, tolerance: Double? = nil) throws {
    let expected = try reference.tensors.tensor(name)
    guard tensor.shape == expected.shape else {
      return note(name, error: .infinity, tolerance: tolerance)
    }
    let values = try tensor.converted(to: .float64).array(of: Double.self)
    compare(values, with: try expected.values(), named: name, tolerance: tolerance)
  }

  /// Compares two lists of numbers.
  mutating func compare(_ values: [Double], with expected: [Double], named name: String, tolerance: Double? = nil) {
    guard values.count == expected.count else { return note(name, error: .infinity, tolerance: tolerance) }
    note(name, error: zip(values, expected).map(Self.error).max() ?? 0, tolerance: tolerance)
  }

  private static func error(_ value: Double, _ expected: Double) -> Double {
    if value == expected || (value.isNaN && expected.isNaN) { return 0 }
    let error = abs(value - expected) / (1 + abs(expected))
    return error.isNaN ? .infinity : error
  }

  private mutating func note(_ name: String, error: Double, tolerance: Double?) {
    count += 1
    let entry = (name: name, error: error, tolerance: tolerance ?? reference.tolerance)
    guard let worst, worst.error / worst.tolerance >= entry.error / entry.tolerance else {
      worst = entry
      return
    }
  }
}
