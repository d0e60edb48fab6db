/// The bytes of an integer, least significant first.
public func littleEndianBytes(of value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// The bytes of integers in order, each least significant first.
public func littleEndianBytes<Value: FixedWidthInteger>(of values: [Value]) -> [UInt8] {
  values.map { $0.littleEndian }.withUnsafeBytes { Array($0) }
}

/// The bytes of IEEE 754 numbers in order, each least significant first.
public func littleEndianBytes(of values: [Double]) -> [UInt8] {
  values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
}

extension FixedWidthInteger {
  /// The integer of these bytes, least significant first; bytes beyond its width are ignored.
  public init(littleEndian bytes: some Collection<UInt8>) {
    self = 0
    for (index, byte) in bytes.prefix(Self.bitWidth / 8).enumerated() {
      self |= Self(truncatingIfNeeded: byte) << (8 * index)
    }
  }
}

/// The integers in these bytes, each least significant first; a rest that fills no integer is ignored.
public func integers<Value: FixedWidthInteger>(littleEndian bytes: [UInt8], as type: Value.Type = Value.self) -> [Value]
{
  let width = MemoryLayout<Value>.size
  return bytes.withUnsafeBytes { buffer in
    (0..<buffer.count / width).map { Value(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * width, as: type)) }
  }
}
