import Formats
import Tensors

/// The configuration of an encoder, a JSON object in which each key is of one type.
struct EncoderConfiguration {
  let file: String
  private let members: [String: JSON]

  init(_ bytes: some Collection<UInt8>, file: String) throws(NetworkError) {
    self.file = file
    do {
      guard case .object(let members) = try JSON(bytes: bytes) else {
        throw NetworkError(.textEncoder, "\(file) is not a JSON object")
      }
      self.members = members
    } catch let error as NetworkError {
      throw error
    } catch { throw NetworkError(.textEncoder, "\(file): \(error)") }
  }

  func integer(_ key: String, default standard: Int? = nil, in range: ClosedRange<Int>) throws(NetworkError) -> Int {
    switch members[key] {
    case .integer(let value) where range.contains(value): return value
    case nil, .null:
      if let standard { return standard }
      throw NetworkError(.textEncoder, "\(file): \(key) is missing")
    default:
      throw NetworkError(
        .textEncoder, "\(file): \(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  func number(_ key: String, default standard: Double) throws(NetworkError) -> Double {
    switch members[key] {
    case .number(let value) where value > 0: value
    case .integer(let value) where value > 0: Double(value)
    case nil: standard
    default: throw NetworkError(.textEncoder, "\(file): \(key) must be a number above 0")
    }
  }

  func text(_ key: String, default standard: String) throws(NetworkError) -> String {
    switch members[key] {
    case .string(let value): value
    case nil, .null: standard
    default: throw NetworkError(.textEncoder, "\(file): \(key) must be a text")
    }
  }

  func flag(_ key: String, default standard: Bool) throws(NetworkError) -> Bool {
    switch members[key] {
    case .bool(let value): value
    case nil, .null: standard
    default: throw NetworkError(.textEncoder, "\(file): \(key) must be true or false")
    }
  }
}

extension ParameterSet {
  /// Takes a network's parameters from a file of weights, converted to 32-bit floating point.
  ///
  /// - Parameter rename: The name in the file of a parameter.
  /// - Throws: `NetworkError` for a parameter that is missing or of another shape.
  convenience init(
    _ shapes: [ParameterShape], from weights: Safetensors, rename: (String) -> String = { $0 }
  ) throws {
    var named: [(String, Tensor)] = []
    for shape in shapes {
      guard let stored = weights[rename(shape.name)] else {
        throw NetworkError(.missingParameter, "the weights lack \(rename(shape.name)): they belong to another network")
      }
      guard stored.shape == shape.shape else {
        let found = "\(rename(shape.name)) has the shape \(stored.shape) in the weights"
        throw NetworkError(.invalidArgument, "\(found), \(shape.shape) by the configuration")
      }
      named.append((shape.name, try Tensor(stored.singlePrecision(), shape: shape.shape)))
    }
    self.init(named)
  }
}

extension Safetensors.Tensor {
  /// The elements of a floating-point array, as 32-bit numbers.
  fileprivate func singlePrecision() throws(FormatError) -> [Float] {
    switch dtype {
    case .float32: try floats()
    case .float64: try doubles().map(Float.init)
    case .float16: integers(littleEndian: bytes, as: UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case .bfloat16: integers(littleEndian: bytes, as: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    default: throw FormatError(.unsupported, "weights of the type \(dtype.rawValue)")
    }
  }
}
