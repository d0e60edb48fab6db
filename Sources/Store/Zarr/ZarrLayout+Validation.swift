import Formats

/// Elements along a dimension at most; it bounds what a foreign layout can make us write.
private let sizeMax = 1 << 24
/// Chains of a counter at most: a publication keeps a number for each.
private let chainsMax = 1 << 16
/// Bytes of a chunk at most.
private let chunkBytesMax = 1 << 30
/// Bytes of one dimension's coordinates at most: they are made in memory. Few characters of a layout can ask for many.
private let coordinateBytesMax = 1 << 27
/// Bytes of all coordinates at most.
private let allCoordinateBytesMax = 1 << 30

extension ZarrLayout {
  func validate() throws(FormatError) {
    try checkNames(counters.map(\.name), "counter")
    try checkNames(groups.map(\.name), "group")
    for counter in counters {
      let sizes = [counter.chains, counter.draws, counter.chunkDraws]
      guard sizes.allSatisfy({ (0...sizeMax).contains($0) }), counter.chunkDraws > 0, counter.chains <= chainsMax else {
        throw fault("counter \"\(counter.name)\" has a size out of bounds")
      }
    }
    for group in groups { try check(group) }
    guard coordinateByteCount <= allCoordinateBytesMax else { throw fault("its coordinates take more than 1 GiB") }
  }

  private func check(_ group: ZarrGroup) throws(FormatError) {
    var leading: [String] = []
    var counter: String?
    switch group.growth {
    case .draws(let name): (leading, counter) = (["chain", "draw"], name)
    case .fixed(let name): counter = name
    }
    if let counter, self.counter(named: counter) == nil {
      throw fault("group \"\(group.name)\" refers to an unknown counter \(shown(counter))")
    }
    try checkNames(leading + group.dimensions.map(\.name) + group.arrays.map(\.name), "array or dimension")
    for dimension in group.dimensions { try check(dimension) }
    for array in group.arrays { try check(array, of: group) }
  }

  private func check(_ dimension: ZarrDimension) throws(FormatError) {
    guard (1...sizeMax).contains(dimension.size) else {
      throw fault("dimension \"\(dimension.name)\" has a size out of bounds: \(dimension.size)")
    }
    if case .labels(let texts) = dimension.coordinates {
      guard texts.allSatisfy({ $0.unicodeScalars.count <= 256 }) else {
        throw fault("dimension \"\(dimension.name)\" has a label of more than 256 characters")
      }
    }
    guard dimension.coordinateByteCount <= coordinateBytesMax else {
      throw fault("dimension \"\(dimension.name)\" has coordinates of more than 128 MiB")
    }
  }

  private func check(_ array: ZarrArray, of group: ZarrGroup) throws(FormatError) {
    var bytes = array.dtype.byteCount
    if case .draws(let name) = group.growth, let counter = counter(named: name) { bytes *= counter.chunkDraws }
    for name in array.dimensions {
      guard let dimension = group.dimensions.first(where: { $0.name == name }) else {
        throw fault("array \"\(array.name)\" has an unknown dimension \(shown(name))")
      }
      bytes *= dimension.size
      guard bytes <= chunkBytesMax else { throw fault("array \"\(array.name)\" has chunks of more than 1 GiB") }
    }
  }

  private func checkNames(_ names: [String], _ kind: String) throws(FormatError) {
    var seen: Set<String> = []
    for name in names {
      guard Self.isName(name) else { throw fault("\(kind) \(shown(name)) has a name that no file can have") }
      guard seen.insert(name).inserted else { throw fault("\(kind) \"\(name)\" is given twice") }
    }
  }

  /// Whether a text can name a group, array or dimension: letters, digits, `_`, `-` and `.`, not beginning with a point.
  private static func isName(_ text: String) -> Bool {
    guard (1...100).contains(text.utf8.count), text.utf8.first != UInt8(ascii: ".") else { return false }
    return text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "_-.".utf8.contains(byte)
    }
  }

  private func fault(_ problem: String) -> FormatError {
    FormatError(.unsupported, "not a valid store layout: \(problem)")
  }
}
