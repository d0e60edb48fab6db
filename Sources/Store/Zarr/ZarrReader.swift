import Formats

/// Reads the draws that a Zarr store shows, and no others: what its consolidated metadata says at the moment.
public struct ZarrReader: Sendable {
  /// Path of the store.
  public let path: String
  private let metadata: [String: JSON]

  /// Elements of an array's draw and chunk at most: a store may be anyone's.
  private static let sizeMax = 1 << 24

  /// Opens a store.
  /// - Throws: `StoreError`: `.missing` if there is none, `.corrupt` if its metadata cannot be read.
  public init(_ path: String) throws(StoreError) {
    self.path = path
    let name = "\(path)/\(ZarrLayout.metadataPath)"
    let bytes = try DurableFile.read(name)
    do throws(FormatError) {
      guard case .object(let root) = try JSON(bytes: bytes), case .object(let members)? = root["metadata"] else {
        throw FormatError(.json, "it has no member \"metadata\"")
      }
      metadata = members
    } catch {
      throw StoreError(.corrupt, "\(name) cannot be read: \(error.message).", cause: error)
    }
  }

  /// What a reader is told of an array.
  private struct Shown {
    let dtype: ZarrDType
    let shape: [Int]
    let chunks: [Int]
  }

  /// Lengths of an array's dimensions, as far as it is shown; nil if there is no such array.
  /// - Parameter array: Group and name, such as `posterior/sigma`.
  /// - Throws: `StoreError.Code.corrupt` for metadata that no store of ours has.
  public func shape(of array: String) throws(StoreError) -> [Int]? { try self.array(array)?.shape }

  /// The shown draws of one element of a growing array, chain by chain; integers and truth values as numbers.
  /// - Parameters:
  ///   - array: Group and name, such as `predictions/mean`.
  ///   - element: Its place in a draw, in C order.
  /// - Returns: An array a chain, all of one length; nil if the store has no such array.
  /// - Throws: `StoreError` if a chunk is missing or has another size than its array's chunks.
  public func draws(_ array: String, element: Int = 0) throws(StoreError) -> [[Double]]? {
    guard let found = try self.array(array) else { return nil }
    let rowLength = found.shape.dropFirst(2).reduce(1, *)
    guard found.shape.count >= 2, found.chunks[0] == 1, (0..<rowLength).contains(element) else {
      throw damaged(array, "its draws are not laid out as ours are")
    }
    let (count, chunkDraws) = (found.shape[1], found.chunks[1])
    let rest = String(repeating: ".0", count: found.shape.count - 2)
    var chains: [[Double]] = []
    for chain in 0..<found.shape[0] {
      var draws: [Double] = []
      for segment in 0..<(count + chunkDraws - 1) / chunkDraws {
        let bytes = try DurableFile.read("\(path)/\(array)/\(chain).\(segment)\(rest)")
        guard bytes.count == chunkDraws * rowLength * found.dtype.byteCount else {
          throw damaged("\(array)/\(chain).\(segment)\(rest)", "it has \(bytes.count) bytes")
        }
        for draw in 0..<min(chunkDraws, count - draws.count) {
          draws.append(found.dtype.number(draw * rowLength + element, of: bytes))
        }
      }
      chains.append(draws)
    }
    return chains
  }

  /// Integer coordinates of a dimension, such as `predictions/held_out`; nil if the store has none.
  /// - Throws: `StoreError` if they cannot be read.
  public func coordinates(_ dimension: String) throws(StoreError) -> [Int]? {
    guard let found = try array(dimension), found.dtype == .int64, found.shape.count == 1 else { return nil }
    let bytes = try DurableFile.read("\(path)/\(dimension)/0")
    guard bytes.count >= 8 * found.shape[0] else { throw damaged("\(dimension)/0", "it has \(bytes.count) bytes") }
    return integers(littleEndian: bytes, as: Int64.self).prefix(found.shape[0]).map(Int.init)
  }

  private func array(_ name: String) throws(StoreError) -> Shown? {
    guard let entry = metadata["\(name)/.zarray"] else { return nil }
    guard case .object(let members) = entry, case .string(let type)? = members["dtype"] else {
      throw damaged(name, "its metadata has no type")
    }
    // Labels are texts, which are not read here.
    guard let dtype = ZarrDType(rawValue: type) else { return nil }
    guard let shape = members["shape"]?.sizes(in: 0...Self.sizeMax), shape.reduced(below: Self.sizeMax, from: 2) != nil,
      let chunks = members["chunks"]?.sizes(in: 1...Self.sizeMax), chunks.reduced(below: Self.sizeMax, from: 0) != nil,
      shape.count == chunks.count
    else { throw damaged(name, "its shape or its chunks are out of bounds") }
    return Shown(dtype: dtype, shape: shape, chunks: chunks)
  }

  private func damaged(_ name: String, _ problem: String) -> StoreError {
    StoreError(.corrupt, "\(path)/\(name): \(problem); the store is damaged.")
  }
}

extension JSON {
  /// An array of whole numbers within bounds.
  fileprivate func sizes(in bounds: ClosedRange<Int>) -> [Int]? {
    guard case .array(let elements) = self else { return nil }
    let sizes = elements.compactMap { element -> Int? in
      if case .integer(let size) = element, bounds.contains(size) { size } else { nil }
    }
    return sizes.count == elements.count ? sizes : nil
  }
}

extension [Int] {
  /// The product of the sizes from a place on; nil beyond a bound.
  fileprivate func reduced(below bound: Int, from start: Int) -> Int? {
    var product = 1
    for size in dropFirst(start) {
      product *= size
      if product > bound { return nil }
    }
    return product
  }
}

extension ZarrDType {
  /// An element of a chunk.
  fileprivate func number(_ index: Int, of bytes: [UInt8]) -> Double {
    let element = bytes[index * byteCount..<(index + 1) * byteCount]
    return switch self {
    case .float64: Double(bitPattern: UInt64(littleEndian: element))
    case .float32: Double(Float(bitPattern: UInt32(littleEndian: element)))
    case .int64: Double(Int64(littleEndian: element))
    case .bool: element.first == 0 ? 0 : 1
    }
  }
}
