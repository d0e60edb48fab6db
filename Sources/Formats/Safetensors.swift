/// Named tensors in the safetensors format (https://github.com/huggingface/safetensors).
///
/// Encoding is deterministic: equal values give equal bytes. Tensors lie in descending order of element size and then
/// by name, so that each is aligned; the header's keys are sorted and it is padded to 8 bytes.
public struct Safetensors: Equatable, Sendable {
  /// One array.
  public struct Tensor: Equatable, Sendable {
    /// Type of an element.
    public let dtype: DType
    /// Lengths of the axes, outermost first; empty for a scalar.
    public let shape: [Int]
    /// Elements in C order, little-endian.
    public let bytes: [UInt8]

    /// Creates an array from raw bytes; throws unless they are exactly what the shape asks for.
    public init(dtype: DType, shape: [Int], bytes: [UInt8]) throws(FormatError) {
      guard let size = dtype.byteCount(of: shape) else {
        throw FormatError(.unsupported, "a tensor of shape \(shape) is too large or has a negative length")
      }
      guard size == bytes.count else {
        throw FormatError(.unsupported, "\(dtype.rawValue) of shape \(shape) takes \(size) bytes, not \(bytes.count)")
      }
      self.dtype = dtype
      self.shape = shape
      self.bytes = bytes
    }
  }

  /// Types of elements, by their names in the format.
  public enum DType: String, CaseIterable, Sendable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case bool = "BOOL"

    /// Bytes of an element.
    public var byteCount: Int {
      switch self {
      case .float64, .int64, .uint64: 8
      case .float32, .int32, .uint32: 4
      case .float16, .bfloat16, .int16, .uint16: 2
      case .int8, .uint8, .bool: 1
      }
    }

    /// Bytes of an array of this shape, or nil if that is no size.
    func byteCount(of shape: [Int]) -> Int? {
      var size = byteCount
      for length in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow else { return nil }
        size = product
      }
      return size
    }
  }

  /// Free text about the file.
  public var metadata: [String: String]
  private var tensors: [String: Tensor] = [:]

  /// Creates an empty file.
  public init(metadata: [String: String] = [:]) {
    self.metadata = metadata
  }

  /// Names of the tensors, sorted by their UTF-8 bytes.
  public var names: [String] {
    tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The tensor of this name.
  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }
}
