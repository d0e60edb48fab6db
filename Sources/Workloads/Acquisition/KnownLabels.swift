import Formats

/// The labels that are known, in the order in which they were asked for: the content of a run's `labels.csv`.
struct KnownLabels {
  /// A label that was asked for.
  struct Label {
    /// Place of the input among those that could be asked about.
    let input: Int
    /// The first round that learns from it, counted from 0.
    let round: Int
    /// The score by which it was asked for; 1 by chance.
    let score: Double
  }

  private(set) var labels: [Label] = []

  init() {}

  /// Places of the inputs in the order of asking.
  var inputs: [Int] { labels.map(\.input) }

  /// Adds labels that are asked for together.
  mutating func add(_ inputs: [(input: Int, score: Double)], round: Int) {
    labels += inputs.map { Label(input: $0.input, round: round, score: $0.score) }
  }

  /// Places of the inputs that are not known, of so many.
  func unknown(of count: Int) -> [Int] {
    let known = Set(inputs)
    return (0..<count).filter { !known.contains($0) }
  }

  /// A line for each label.
  /// - Parameter classes: Classes of all inputs.
  func table(_ classes: [Int], name: (Int) -> String) -> [UInt8] {
    let lines = labels.map { "\($0.round),\($0.input),\(name(classes[$0.input])),\($0.score)\n" }
    return Array(("round,input,label,score\n" + lines.joined()).utf8)
  }

  /// Adds the labels to a checkpoint.
  func store(in file: inout Safetensors) throws(FormatError) {
    file["labels.inputs"] = try Safetensors.Tensor(inputs, shape: [labels.count])
    file["labels.rounds"] = try Safetensors.Tensor(labels.map(\.round), shape: [labels.count])
    file["labels.scores"] = try Safetensors.Tensor(labels.map(\.score))
  }

  /// Takes up the labels of a checkpoint.
  init(_ file: Safetensors, inputs count: Int) throws(FormatError) {
    let (inputs, rounds) = (
      try file.tensor("labels.inputs").integerValues(), try file.tensor("labels.rounds").integerValues()
    )
    let scores = try file.tensor("labels.scores").doubles()
    guard inputs.count == rounds.count, inputs.count == scores.count,
      inputs.allSatisfy({ (0..<count).contains($0) })
    else { throw FormatError(.safetensors, "the labels of the checkpoint belong to other data") }
    labels = inputs.indices.map { Label(input: inputs[$0], round: rounds[$0], score: scores[$0]) }
  }
}
