import Formats
import Tensors

extension ParameterSet {
  /// Takes the parameters that a network declares from a file that holds them and no others, as 32-bit numbers.
  /// - Throws: `NetworkError` naming parameters that are missing, too many or of another shape.
  public convenience init(weights: Safetensors, of shapes: [ParameterShape]) throws {
    let declared = Set(shapes.map(\.name))
    let missing = shapes.map(\.name).filter { weights[$0] == nil }
    guard missing.isEmpty else {
      throw NetworkError(.missingParameter, "the weights lack \(Self.few(missing)): they belong to another network")
    }
    let others = weights.names.filter { !declared.contains($0) }
    guard others.isEmpty else {
      throw NetworkError(.invalidArgument, "the network has no parameters \(Self.few(others)), which the weights hold")
    }
    var named: [(String, Tensor)] = []
    for shape in shapes {
      let stored = try weights.tensor(shape.name)
      guard stored.shape == shape.shape else {
        throw NetworkError(
          .invalidArgument, "\(shape.name) is \(stored.shape) in the weights, \(shape.shape) in the network")
      }
      named.append((shape.name, try Tensor(stored.singles(), shape: shape.shape)))
    }
    self.init(named)
  }

  /// The parameters as a file of 32-bit numbers that PyTorch's readers take.
  public func safetensors() throws -> Safetensors {
    var file = Safetensors(metadata: ["format": "pt"])
    for (name, tensor) in zip(names, tensors) {
      file[name] = try Safetensors.Tensor(
        tensor.converted(to: .float32).array(of: Float.self), shape: tensor.shape)
    }
    return file
  }

  private static func few(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}

extension Safetensors.Tensor {
  /// The elements of a floating-point array, as 32-bit numbers.
  fileprivate func singles() throws(FormatError) -> [Float] {
    switch dtype {
    case .float32: return try floats()
    case .float64: return try doubles().map(Float.init)
    case .float16: return halves().map { Float(Float16(bitPattern: $0)) }
    case .bfloat16: return halves().map { Float(bitPattern: UInt32($0) << 16) }
    default: throw FormatError(.unsupported, "weights of the type \(dtype.rawValue) cannot be read")
    }
  }

  private func halves() -> [UInt16] {
    stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
  }
}
