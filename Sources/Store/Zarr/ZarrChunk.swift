import Formats

/// The chunks of one array: where they lie and how draws become their bytes.
///
/// A chunk of a growing array holds the draws of one segment of one chain, [1, K, rest…] in C order, little-endian,
/// without compressor, padded with zeros to K draws. An array of a fixed group is one chunk.
public struct ZarrChunk: Equatable, Sendable {
  /// Type of an element.
  public let dtype: ZarrDType
  /// Draws of a chunk; 1 for an array of a fixed group.
  public let rows: Int
  /// Elements of a draw; all elements for an array of a fixed group.
  public let rowLength: Int
  private let folder: String
  private let isGrowing: Bool
  private let rank: Int

  fileprivate init(_ array: ZarrArray, of group: ZarrGroup, chunkDraws: Int?) {
    dtype = array.dtype
    rows = chunkDraws ?? 1
    rowLength = group.shape(of: array).reduce(1, *)
    folder = "\(group.name)/\(array.name)"
    isGrowing = chunkDraws != nil
    rank = array.dimensions.count
  }

  /// Path of a chunk below the store's root: `<group>/<array>/<chain>.<segment>[.0…]`. A fixed array's only chunk is
  /// that of chain 0 and segment 0.
  public func path(chain: Int = 0, segment: Int = 0) -> String {
    let indices = (isGrowing ? [chain, segment] : []) + [Int](repeating: 0, count: rank)
    return folder + "/" + (indices.isEmpty ? "0" : indices.map(String.init).joined(separator: "."))
  }

  /// Bytes of a chunk of numbers in C order, at most `rows` × `rowLength` of them.
  ///
  /// Throws `FormatError.Code.unsupported` if the array holds another type or they are no whole number of draws.
  public func encoded(_ values: [Double]) throws(FormatError) -> [UInt8] {
    switch dtype {
    case .float64: return try padded(littleEndianBytes(of: values), values.count)
    case .float32: return try padded(littleEndianBytes(of: values.map { Float($0).bitPattern }), values.count)
    case .int64, .bool: throw mismatch("floating-point numbers")
    }
  }

  /// Bytes of a chunk of integers in C order; else as for numbers.
  public func encoded(_ values: [Int]) throws(FormatError) -> [UInt8] {
    guard dtype == .int64 else { throw mismatch("integers") }
    return try padded(littleEndianBytes(of: values.map(Int64.init)), values.count)
  }

  /// Bytes of a chunk of truth values in C order; else as for numbers.
  public func encoded(_ values: [Bool]) throws(FormatError) -> [UInt8] {
    guard dtype == .bool else { throw mismatch("truth values") }
    return try padded(values.map { $0 ? 1 : 0 }, values.count)
  }

  /// Bytes of every chunk of the array.
  public var byteCount: Int { rows * rowLength * dtype.byteCount }

  private func padded(_ bytes: [UInt8], _ count: Int) throws(FormatError) -> [UInt8] {
    let isWhole = isGrowing ? count.isMultiple(of: rowLength) && count > 0 : bytes.count == byteCount
    guard isWhole, bytes.count <= byteCount else {
      let expected = "up to \(rows) draws of \(rowLength) elements"
      throw FormatError(.unsupported, "a chunk of \(folder) takes \(expected), not \(count) elements")
    }
    return bytes + [UInt8](repeating: 0, count: byteCount - bytes.count)
  }

  private func mismatch(_ found: String) -> FormatError {
    FormatError(.unsupported, "the array \(folder) holds \(dtype.rawValue), not \(found)")
  }
}

extension ZarrLayout {
  /// The chunks of an array; throws if there is no such array.
  public func chunk(group groupName: String, array arrayName: String) throws(FormatError) -> ZarrChunk {
    guard let group = groups.first(where: { $0.name == groupName }),
      let array = group.arrays.first(where: { $0.name == arrayName })
    else { throw FormatError(.unsupported, "the store's layout has no array \(groupName)/\(arrayName)") }
    guard case .draws(let name) = group.growth else { return ZarrChunk(array, of: group, chunkDraws: nil) }
    return ZarrChunk(array, of: group, chunkDraws: counter(named: name)?.chunkDraws)
  }
}

extension ZarrGroup {
  /// Lengths of an array's dimensions besides `chain` and `draw`.
  func shape(of array: ZarrArray) -> [Int] {
    array.dimensions.compactMap { name in dimensions.first { $0.name == name }?.size }
  }
}
