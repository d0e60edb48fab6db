import Formats

/// A file of a Zarr store: its path below the root, and its bytes.
public struct ZarrFile: Equatable, Sendable {
  /// Path below the store's root, such as `posterior/.zgroup`.
  public let path: String
  /// The whole content.
  public let bytes: [UInt8]
}

extension ZarrLayout {
  /// Path of the consolidated metadata, whose replacement publishes.
  public static let metadataPath = ".zmetadata"

  /// The consolidated metadata that shows each counter's extent; counters without one are empty.
  ///
  /// Keys are sorted: equal layouts and extents give equal bytes.
  public func metadata(extents: [String: ZarrExtent]) -> [UInt8] {
    var members: [String: JSON] = [:]
    for (path, json) in groupMetadata() + arrayMetadata(extents) { members[path] = json }
    return JSON.object(["metadata": .object(members), "zarr_consolidated_format": 1]).bytes
  }

  /// What stands in the store from the start, besides the metadata: groups and coordinates. Each file is made when it is
  /// asked for, since all coordinates together may be many times larger than the layout that names them.
  public func initialFiles() -> some BidirectionalCollection<ZarrFile> {
    let groupFiles = groupMetadata().map { (path: $0.path, bytes: { [json = $0.json] in json.bytes }) }
    let coordinateFiles = groups.flatMap { group in
      coordinates(of: group).map { coordinate in
        (path: "\(group.name)/\(coordinate.name)/0", bytes: { coordinate.bytes })
      }
    }
    return (groupFiles + coordinateFiles).lazy.map { ZarrFile(path: $0.path, bytes: $0.bytes()) }
  }

  /// Each array's own metadata, for readers that do not consolidate; to be written when the extents are final.
  public func finalFiles(extents: [String: ZarrExtent]) -> [ZarrFile] {
    arrayMetadata(extents).map { ZarrFile(path: $0.path, bytes: $0.json.bytes) }
  }

  private func groupMetadata() -> [(path: String, json: JSON)] {
    let all = [(prefix: "", attributes: attributes)] + groups.map { ("\($0.name)/", $0.attributes) }
    return all.flatMap { prefix, attributes -> [(path: String, json: JSON)] in
      [("\(prefix).zgroup", ["zarr_format": 2]), ("\(prefix).zattrs", .object(attributes.mapValues(JSON.string)))]
    }
  }

  private func arrayMetadata(_ extents: [String: ZarrExtent]) -> [(path: String, json: JSON)] {
    groups.flatMap { group in
      visibleArrays(of: group, extents).flatMap { array in
        let prefix = "\(group.name)/\(array.name)"
        return [("\(prefix)/.zarray", array.zarray), ("\(prefix)/.zattrs", array.zattrs)]
      }
    }
  }
}

/// What a reader is told of one array.
private struct ArrayMetadata {
  let name: String
  let dtype: String
  let shape: [Int]
  let chunks: [Int]
  let dimensions: [String]
  let attributes: [String: String]

  var zarray: JSON {
    [
      "zarr_format": 2, "shape": .array(shape.map(JSON.integer)), "chunks": .array(chunks.map(JSON.integer)),
      "dtype": .string(dtype), "fill_value": fillValue, "order": "C", "compressor": .null, "filters": .null,
      "dimension_separator": ".",
    ]
  }

  /// Readers of the InferenceData layout take a fill value for a mark of missing values, so integers have none.
  private var fillValue: JSON { dtype.hasPrefix("<f") ? "NaN" : .null }

  var zattrs: JSON {
    var members = attributes.mapValues(JSON.string)
    members["_ARRAY_DIMENSIONS"] = .array(dimensions.map(JSON.string))
    return .object(members)
  }
}

extension ZarrLayout {
  /// Coordinates and arrays of a group as the extents show them; none if the group has not appeared.
  private func visibleArrays(of group: ZarrGroup, _ extents: [String: ZarrExtent]) -> [ArrayMetadata] {
    switch group.growth {
    case .draws(let name):
      let extent = extents[name] ?? .empty
      let shown = [extent.chains, extent.draws] + group.dimensions.map(\.size)
      let coordinates = zip(coordinates(of: group), shown).map { $0.metadata(shown: $1) }
      let chunkDraws = counter(named: name)?.chunkDraws ?? 1
      return coordinates
        + group.arrays.map { array in
          let rest = group.shape(of: array)
          return ArrayMetadata(
            name: array.name, dtype: array.dtype.rawValue, shape: [extent.chains, extent.draws] + rest,
            chunks: [1, chunkDraws] + rest, dimensions: ["chain", "draw"] + array.dimensions,
            attributes: array.attributes)
        }
    case .fixed(let name):
      if let name, extents[name] ?? .empty == .empty { return [] }
      let coordinates = coordinates(of: group).map { $0.metadata(shown: $0.count) }
      return coordinates
        + group.arrays.map { array in
          let shape = group.shape(of: array)
          return ArrayMetadata(
            name: array.name, dtype: array.dtype.rawValue, shape: shape, chunks: shape, dimensions: array.dimensions,
            attributes: array.attributes)
        }
    }
  }

  /// Coordinates of all dimensions of a group, `chain` and `draw` first. Their single chunks hold the whole planned
  /// length from the start, so growing never rewrites them.
  private func coordinates(of group: ZarrGroup) -> [Coordinate] {
    var dimensions = group.dimensions
    if case .draws(let name) = group.growth, let counter = counter(named: name) {
      let leading = [("chain", counter.chains), ("draw", counter.draws)]
      dimensions = leading.map { ZarrDimension(name: $0, coordinates: .indices($1)) } + dimensions
    }
    return dimensions.map(Coordinate.init(dimension:))
  }
}

extension ZarrLayout {
  /// Bytes that all coordinates take.
  var coordinateByteCount: Int {
    groups.reduce(0) { $0 + coordinates(of: $1).reduce(0) { $0 + $1.dimension.coordinateByteCount } }
  }
}

extension ZarrDimension {
  /// Bytes that its coordinates take.
  var coordinateByteCount: Int {
    guard case .labels(let texts) = coordinates else { return size * ZarrDType.int64.byteCount }
    return size * Coordinate.width(of: texts) * 4
  }
}

/// The array of a dimension's coordinates.
private struct Coordinate {
  let dimension: ZarrDimension

  var name: String { dimension.name }
  var count: Int { dimension.size }

  var dtype: String {
    guard case .labels(let texts) = dimension.coordinates else { return ZarrDType.int64.rawValue }
    return "<U\(Self.width(of: texts))"
  }

  /// The one chunk. It holds at least one element, even of a dimension that will never have one.
  var bytes: [UInt8] {
    switch dimension.coordinates {
    case .indices(let count): return littleEndianBytes(of: Array(0..<max(count, 1)))
    case .integers(let values): return littleEndianBytes(of: values)
    case .labels(let texts):
      let width = Self.width(of: texts)
      return littleEndianBytes(
        of: texts.flatMap { text in
          let scalars = text.unicodeScalars.map(\.value)
          return scalars + [UInt32](repeating: 0, count: width - scalars.count)
        })
    }
  }

  static func width(of texts: [String]) -> Int {
    max(1, texts.map(\.unicodeScalars.count).max() ?? 1)
  }

  func metadata(shown: Int) -> ArrayMetadata {
    ArrayMetadata(
      name: name, dtype: dtype, shape: [shown], chunks: [max(count, 1)], dimensions: [name], attributes: [:])
  }
}
