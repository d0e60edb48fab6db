import Formats
import Foundation

/// What a Zarr version 2 store of draws holds: groups and arrays in ArviZ's InferenceData layout, and how they grow.
///
/// Every chain's draws of one segment are one chunk. Readers see what the consolidated metadata says and nothing else, so
/// replacing `.zmetadata` is the only act of publication (`metadata(extents:)`). A layout is valid by construction.
public struct ZarrLayout: Codable, Equatable, Sendable {
  /// Attributes of the root, such as `inference_library`.
  public let attributes: [String: String]
  /// What grows.
  public let counters: [ZarrCounter]
  /// Groups, such as `posterior` and `sample_stats`.
  public let groups: [ZarrGroup]

  /// Creates a layout.
  ///
  /// Throws `FormatError.Code.unsupported` if a name is used twice or cannot be a file's, a reference leads nowhere, or a
  /// size is out of bounds.
  public init(
    attributes: [String: String] = [:], counters: [ZarrCounter], groups: [ZarrGroup]
  ) throws(FormatError) {
    self.attributes = attributes
    self.counters = counters
    self.groups = groups
    try validate()
  }

  /// Decodes and validates a layout.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      attributes: container.decode([String: String].self, forKey: .attributes),
      counters: container.decode([ZarrCounter].self, forKey: .counters),
      groups: container.decode([ZarrGroup].self, forKey: .groups))
  }

  /// Reads a layout as it travels.
  /// - Throws: `DecodingError` or `FormatError` for anything else.
  public init(json: [UInt8]) throws {
    try JSON.checkForeign(json)
    self = try JSONDecoder().decode(Self.self, from: Data(json))
  }

  func counter(named name: String) -> ZarrCounter? {
    counters.first { $0.name == name }
  }
}

/// A rectangle of chains × draws that is filled segment by segment.
public struct ZarrCounter: Codable, Equatable, Sendable {
  /// Name by which groups refer to it, such as `draw` or `warmup`.
  public var name: String
  /// Chains when complete.
  public var chains: Int
  /// Draws of each chain when complete.
  public var draws: Int
  /// Draws of a chunk: those of one segment.
  public var chunkDraws: Int

  /// Creates a counter.
  public init(name: String, chains: Int, draws: Int, chunkDraws: Int) {
    self.name = name
    self.chains = chains
    self.draws = draws
    self.chunkDraws = chunkDraws
  }

  /// The extent when complete.
  public var extent: ZarrExtent { ZarrExtent(chains: chains, draws: draws) }
}

/// A group of arrays that share dimensions.
public struct ZarrGroup: Codable, Equatable, Sendable {
  /// Name, such as `posterior`.
  public var name: String
  /// How its arrays grow.
  public var growth: Growth
  /// Attributes of the group.
  public var attributes: [String: String]
  /// Dimensions besides `chain` and `draw`.
  public var dimensions: [ZarrDimension]
  /// Arrays, without the coordinates, which follow from the dimensions.
  public var arrays: [ZarrArray]

  /// How the arrays of a group grow.
  public enum Growth: Codable, Equatable, Sendable {
    /// Arrays begin with the dimensions `chain` and `draw`, and grow with the counter of this name.
    case draws(counter: String)
    /// Arrays are whole. They appear as soon as the counter named by `after` is not empty, or at once if it is nil.
    case fixed(after: String?)
  }

  /// Creates a group.
  public init(
    name: String, growth: Growth, attributes: [String: String] = [:], dimensions: [ZarrDimension] = [],
    arrays: [ZarrArray]
  ) {
    self.name = name
    self.growth = growth
    self.attributes = attributes
    self.dimensions = dimensions
    self.arrays = arrays
  }
}

/// A dimension of a group's arrays; its coordinates are an array of its name.
public struct ZarrDimension: Codable, Equatable, Sendable {
  /// Name, such as `obs`.
  public var name: String
  /// Coordinates along it, one an element.
  public var coordinates: Coordinates

  /// Coordinates along a dimension.
  public enum Coordinates: Codable, Equatable, Sendable {
    /// 0, 1, 2, … up to a count.
    case indices(Int)
    /// Given integers, such as the original numbers of rows.
    case integers([Int])
    /// Given texts, such as the names of features.
    case labels([String])
  }

  /// Creates a dimension.
  public init(name: String, coordinates: Coordinates) {
    self.name = name
    self.coordinates = coordinates
  }

  /// Number of elements along it.
  public var size: Int {
    switch coordinates {
    case .indices(let count): count
    case .integers(let values): values.count
    case .labels(let texts): texts.count
    }
  }
}

/// An array of a group.
public struct ZarrArray: Codable, Equatable, Sendable {
  /// Name, such as `theta` or `diverging`.
  public var name: String
  /// Type of an element.
  public var dtype: ZarrDType
  /// Names of its dimensions besides `chain` and `draw`, outermost first.
  public var dimensions: [String]
  /// Attributes, such as `units`.
  public var attributes: [String: String]

  /// Creates an array.
  public init(name: String, dtype: ZarrDType, dimensions: [String] = [], attributes: [String: String] = [:]) {
    self.name = name
    self.dtype = dtype
    self.dimensions = dimensions
    self.attributes = attributes
  }
}

/// Types of elements, by their names in Zarr version 2.
public enum ZarrDType: String, Codable, CaseIterable, Sendable {
  case float64 = "<f8"
  case float32 = "<f4"
  case int64 = "<i8"
  case bool = "|b1"

  /// Bytes of an element.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32: 4
    case .bool: 1
    }
  }
}
