import Formats
import Tensors

extension ParameterSet {
  /// Takes the parameters that a network declares from a file that holds them and no others, as 32-bit numbers.
  /// - Throws: `NetworkError` naming parameters that are missing, too many or of another shape.
  public convenience init(weights: Safetensors, of shapes: [ParameterShape]) throws {
    let declared = Set(shapes.map(\.name))
    let others = weights.names.filter { !declared.contains($0) }
    try self.init(among: weights, of: shapes)
    guard others.isEmpty else {
      throw NetworkError(.invalidArgument, "the network has no parameters \(Self.few(others)), which the weights hold")
    }
  }

  /// Takes the parameters that a network declares from a file that may hold others, too, as 32-bit numbers.
  /// - Parameter rename: The name in the file of a parameter.
  /// - Throws: `NetworkError` naming parameters that are missing or of another shape.
  public convenience init(
    among weights: Safetensors, of shapes: [ParameterShape], rename: (String) -> String = { $0 }
  ) throws {
    let missing = shapes.map { rename($0.name) }.filter { weights[$0] == nil }
    guard missing.isEmpty else {
      throw NetworkError(.missingParameter, "the weights lack \(Self.few(missing)): they belong to another network")
    }
    var named: [(String, Tensor)] = []
    for shape in shapes {
      let name = rename(shape.name)
      let stored = try weights.tensor(name)
      guard stored.shape == shape.shape else {
        throw NetworkError(
          .invalidArgument, "\(name) has the shape \(stored.shape) in the weights, \(shape.shape) in the network")
      }
      named.append((shape.name, try Tensor(stored.singles(), shape: shape.shape)))
    }
    self.init(named)
  }

  /// The parameters as a file of 32-bit numbers that PyTorch's readers take.
  public func safetensors() throws -> Safetensors {
    var file = Safetensors(metadata: ["format": "pt"])
    for (name, tensor) in zip(names, tensors) { file[name] = try tensor.stored() }
    return file
  }

  private static func few(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}

extension Tensor {
  /// The numbers as an F32 array of a file.
  public func stored() throws -> Safetensors.Tensor {
    try Safetensors.Tensor(converted(to: .float32).array(of: Float.self), shape: shape)
  }
}

extension Safetensors.Tensor {
  /// The elements of a floating-point array, as 32-bit numbers.
  fileprivate func singles() throws(FormatError) -> [Float] {
    switch dtype {
    case .float32: try floats()
    case .float64: try doubles().map(Float.init)
    case .float16: integers(littleEndian: bytes, as: UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case .bfloat16: integers(littleEndian: bytes, as: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    default: throw FormatError(.unsupported, "weights of the type \(dtype.rawValue) cannot be read")
    }
  }
}
