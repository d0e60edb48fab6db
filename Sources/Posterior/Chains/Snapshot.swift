/// The complete state of a chain, as named arrays and counters in a fixed order.
///
/// It holds no clock and no generator state; a chain resumed from it goes on bit for bit. Writing it to a file is left to
/// others: the arrays are `Double` in C order and the counters plain integers.
public struct Snapshot: Equatable, Sendable {
  /// A named integer.
  public struct Counter: Equatable, Sendable {
    /// What is counted.
    public let name: String
    /// How many.
    public let value: Int

    /// Makes an entry.
    public init(name: String, value: Int) {
      self.name = name
      self.value = value
    }
  }

  /// The arrays, in the order they were saved.
  public private(set) var arrays: [NamedArray]
  /// The counters, in the order they were saved.
  public private(set) var counters: [Counter]

  /// Makes a snapshot of entries read from elsewhere; they are checked when a chain is resumed.
  public init(arrays: [NamedArray] = [], counters: [Counter] = []) {
    self.arrays = arrays
    self.counters = counters
  }

  mutating func save(_ values: [Double], as name: String) {
    arrays.append(NamedArray(name: name, shape: [values.count], values: values))
  }

  mutating func save(_ value: Double, as name: String) {
    arrays.append(NamedArray(name: name, shape: [], values: [value]))
  }

  mutating func save(_ value: Int, as name: String) {
    counters.append(Counter(name: name, value: value))
  }

  func vector(_ name: String, count: Int) throws(PosteriorError) -> [Double] {
    try values(name, shape: [count])
  }

  func scalar(_ name: String) throws(PosteriorError) -> Double {
    try values(name, shape: [])[0]
  }

  /// A count: neither negative nor so large that going on could overflow.
  func counter(_ name: String) throws(PosteriorError) -> Int {
    guard let entry = counters.first(where: { $0.name == name }), (0..<(1 << 53)).contains(entry.value) else {
      throw PosteriorError(
        .invalidSnapshot, "the snapshot has no counter \"\(name)\" of 0 or more: start the chain anew")
    }
    return entry.value
  }

  private func values(_ name: String, shape: [Int]) throws(PosteriorError) -> [Double] {
    guard let entry = arrays.first(where: { $0.name == name }) else {
      throw PosteriorError(.invalidSnapshot, "the snapshot has no array \"\(name)\": is it of another kernel?")
    }
    guard entry.shape == shape, entry.values.count == shape.reduce(1, *) else {
      throw PosteriorError(
        .invalidSnapshot,
        "\"\(name)\" has shape \(entry.shape) and \(entry.values.count) values, not shape \(shape): is it of another model?"
      )
    }
    return entry.values
  }
}
