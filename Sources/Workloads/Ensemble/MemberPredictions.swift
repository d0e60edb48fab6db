import Formats
import Specification
import Tensors
import Training

/// What the functions of one member predict for each set that it is judged by: the content of `predictions.safetensors`.
///
/// Each set is an array F32 [draws, inputs, width]. Its last dimension holds probabilities of classes, concentrations α of a
/// Dirichlet distribution, mean and variance, mean with the variances of noise and function, or γ, ν, α and β of a
/// normal-inverse-gamma distribution, as `kind` says.
struct MemberPredictions {
  static let fileName = "predictions.safetensors"
  let kind: Kind
  let width: Int
  /// Names of the sets with their numbers of inputs.
  let sets: [(name: String, inputs: Int)]
  private(set) var draws = 0
  /// Logarithm of the evidence for the member's network, if its method knows it.
  var logEvidence: Double?
  private var values: [[Float]]

  enum Kind: String {
    case probabilities, concentrations, normals, linearized, evidence
  }

  /// Begins without draws.
  init(_ likelihood: Likelihood, isLinearized: Bool = false, sets: [(name: String, inputs: Int)]) {
    (self.sets, values) = (sets, sets.map { _ in [] })
    (kind, width) =
      switch likelihood {
      case .categorical(let classes, _): (.probabilities, classes)
      case .dirichlet(let classes): (.concentrations, classes)
      case .normal: (.normals, 2)
      case .homoscedastic: isLinearized ? (.linearized, 3) : (.normals, 2)
      case .normalInverseGamma: (.evidence, 4)
      }
  }

  /// Adds a draw: the predictions of one function for the inputs of every set, by the sets' names.
  mutating func add(_ predictions: [String: [Float]]) {
    for (place, set) in sets.enumerated() { values[place] += predictions[set.name] ?? [] }
    draws += 1
  }

  /// Number of inputs of a set.
  func inputs(of name: String) -> Int { sets.first { $0.name == name }?.inputs ?? 0 }

  /// The predictions of a set, [inputs, width] for each draw.
  func draws(of name: String) -> [ArraySlice<Float>]? {
    guard let place = sets.firstIndex(where: { $0.name == name }) else { return nil }
    let size = sets[place].inputs * width
    return (0..<draws).map { values[place][$0 * size..<($0 + 1) * size] }
  }

  func file() throws -> Safetensors {
    var file = Safetensors(metadata: ["kind": kind.rawValue])
    if let logEvidence { file.metadata["logEvidence"] = "\(logEvidence)" }
    for (set, values) in zip(sets, values) {
      file[set.name] = try Safetensors.Tensor(values, shape: [draws, set.inputs, width])
    }
    return file
  }

  /// Reads a file.
  /// - Throws: `FormatError` if it holds something else.
  init(_ file: Safetensors) throws {
    guard let kind = file.metadata["kind"].flatMap(Kind.init) else {
      throw FormatError(.safetensors, "the file holds no predictions of a member")
    }
    let arrays = try file.names.map { (name: $0, array: try file.tensor($0)) }
    guard let first = arrays.first, arrays.allSatisfy({ $0.array.shape.count == 3 }),
      arrays.allSatisfy({ $0.array.shape[0] == first.array.shape[0] && $0.array.shape[2] == first.array.shape[2] })
    else { throw FormatError(.safetensors, "the predictions of a member do not fit each other") }
    (self.kind, draws, width) = (kind, first.array.shape[0], first.array.shape[2])
    sets = arrays.map { ($0.name, $0.array.shape[1]) }
    logEvidence = file.metadata["logEvidence"].flatMap(Double.init)
    values = try arrays.map { try $0.array.floats() }
  }
}
