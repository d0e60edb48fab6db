extension Safetensors.Tensor {
  /// An F64 array of these elements in C order.
  public init(_ values: [Double], shape: [Int]? = nil) throws(FormatError) {
    try self.init(dtype: .float64, shape: shape ?? [values.count], bytes: littleEndianBytes(of: values))
  }

  /// An F32 array of these elements in C order.
  public init(_ values: [Float], shape: [Int]? = nil) throws(FormatError) {
    let bytes = littleEndianBytes(of: values.map { $0.bitPattern })
    try self.init(dtype: .float32, shape: shape ?? [values.count], bytes: bytes)
  }

  /// An I64 array of these elements in C order.
  public init(_ values: [Int], shape: [Int]? = nil) throws(FormatError) {
    try self.init(dtype: .int64, shape: shape ?? [values.count], bytes: littleEndianBytes(of: values.map(Int64.init)))
  }

  /// A BOOL array of these elements in C order.
  public init(_ values: [Bool], shape: [Int]? = nil) throws(FormatError) {
    try self.init(dtype: .bool, shape: shape ?? [values.count], bytes: values.map { $0 ? 1 : 0 })
  }

  /// The elements of an F64 or F32 array.
  public func doubles() throws(FormatError) -> [Double] {
    switch dtype {
    case .float64: return integers(littleEndian: bytes, as: UInt64.self).map(Double.init(bitPattern:))
    case .float32: return try floats().map(Double.init)
    default: throw mismatch("F64 or F32")
    }
  }

  /// The elements of an F32 array.
  public func floats() throws(FormatError) -> [Float] {
    guard dtype == .float32 else { throw mismatch("F32") }
    return integers(littleEndian: bytes, as: UInt32.self).map(Float.init(bitPattern:))
  }

  /// The elements of an I64 or I32 array.
  public func integerValues() throws(FormatError) -> [Int] {
    switch dtype {
    case .int64: return integers(littleEndian: bytes, as: Int64.self).map(Int.init)
    case .int32: return integers(littleEndian: bytes, as: Int32.self).map(Int.init)
    default: throw mismatch("I64 or I32")
    }
  }

  /// The elements of a BOOL array; every byte but 0 is true.
  public func booleans() throws(FormatError) -> [Bool] {
    guard dtype == .bool else { throw mismatch("BOOL") }
    return bytes.map { $0 != 0 }
  }

  private func mismatch(_ expected: String) -> FormatError {
    FormatError(.unsupported, "the tensor holds \(dtype.rawValue), not \(expected)")
  }
}

extension Safetensors {
  /// The tensor of this name; throws if there is none.
  public func tensor(_ name: String) throws(FormatError) -> Tensor {
    guard let tensor = self[name] else {
      throw FormatError(
        .safetensors,
        "the file has no tensor \(shown(name)); it has: \(names.prefix(20).map(shown).joined(separator: ", "))")
    }
    return tensor
  }
}
