import CTorch

/// The type of a tensor's elements.
public enum DataType: String, CaseIterable, Sendable {
  case float32, float64, int32, int64, uint8, bool

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .uint8, .bool: 1
    }
  }

  package var cValue: CTorchType {
    switch self {
    case .float32: CTORCH_FLOAT32
    case .float64: CTORCH_FLOAT64
    case .int32: CTORCH_INT32
    case .int64: CTORCH_INT64
    case .uint8: CTORCH_UINT8
    case .bool: CTORCH_BOOL
    }
  }

  init?(cValue: Int32) {
    guard let type = Self.allCases.first(where: { Int32(bitPattern: $0.cValue.rawValue) == cValue }) else { return nil }
    self = type
  }
}

/// A Swift type whose values can be a tensor's elements.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The data type that stores this Swift type.
  static var dataType: DataType { get }
  /// The value arrays are filled with before elements are copied into them.
  static var zero: Self { get }
}

extension Float: TensorElement {
  /// 32-bit floating point.
  public static var dataType: DataType { .float32 }
}

extension Double: TensorElement {
  /// 64-bit floating point.
  public static var dataType: DataType { .float64 }
}

extension Int32: TensorElement {
  /// 32-bit integers.
  public static var dataType: DataType { .int32 }
}

extension Int64: TensorElement {
  /// 64-bit integers.
  public static var dataType: DataType { .int64 }
}

extension UInt8: TensorElement {
  /// Bytes.
  public static var dataType: DataType { .uint8 }
}
