extension Safetensors {
  /// Bytes of a header at most, as in the reference implementation.
  public static let headerBytesMax = 100_000_000
  private static let metadataKey = "__metadata__"

  /// The file's bytes: header length, header, tensors.
  ///
  /// Throws `FormatError.Code.unsupported` if a tensor has the reserved name `__metadata__`.
  public func encoded() throws(FormatError) -> [UInt8] {
    guard self[Self.metadataKey] == nil else {
      throw FormatError(.unsupported, "a tensor cannot have the name \(Self.metadataKey), which the format reserves")
    }
    var members: [String: JSON] = [:]
    if !metadata.isEmpty { members[Self.metadataKey] = .object(metadata.mapValues(JSON.string)) }
    var body: [UInt8] = []
    for (name, tensor) in inFileOrder() {
      let start = body.count
      body += tensor.bytes
      members[name] = [
        "dtype": .string(tensor.dtype.rawValue), "shape": .array(tensor.shape.map(JSON.integer)),
        "data_offsets": [.integer(start), .integer(body.count)],
      ]
    }
    var header = JSON.object(members).bytes
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return littleEndianBytes(of: UInt64(header.count)) + header + body
  }

  private func inFileOrder() -> [(name: String, tensor: Tensor)] {
    let named = names.compactMap { name in self[name].map { (name: name, tensor: $0) } }
    let sizes = [8, 4, 2, 1]
    return sizes.flatMap { size in named.filter { $0.tensor.dtype.byteCount == size } }
  }

  /// Reads a file whole, refusing whatever the format forbids: overlapping tensors, holes, sizes that do not fit.
  ///
  /// Throws `FormatError.Code.safetensors`.
  public init(bytes: [UInt8]) throws(FormatError) {
    guard bytes.count >= 8 else { throw Self.error("it ends within the header's length") }
    let length = UInt64(littleEndian: bytes.prefix(8))
    guard length <= Self.headerBytesMax else { throw Self.error("its header claims \(length) bytes, over 100 MB") }
    guard length <= bytes.count - 8 else { throw Self.error("it ends within the header") }
    let body = bytes[(8 + Int(length))...]
    var entries = try Self.header(bytes[8..<8 + Int(length)])
    self.init(metadata: try Self.metadata(entries.removeValue(forKey: Self.metadataKey)))
    var tensors: [(name: String, entry: Entry)] = []
    for (name, value) in entries.sorted(by: { $0.key < $1.key }) {
      tensors.append((name, try Entry(value, name: name)))
    }
    tensors.sort { ($0.entry.start, $0.entry.end, $0.name) < ($1.entry.start, $1.entry.end, $1.name) }
    var end = 0
    for (name, entry) in tensors {
      guard entry.start == end else { throw Self.error("tensor \(shown(name)) overlaps another or leaves a hole") }
      guard entry.end <= body.count else { throw Self.error("it ends within tensor \(shown(name))") }
      let slice = body[body.startIndex + entry.start..<body.startIndex + entry.end]
      do { self[name] = try Tensor(dtype: entry.dtype, shape: entry.shape, bytes: Array(slice)) } catch {
        throw Self.error("tensor \(shown(name)): \(error.message)")
      }
      end = entry.end
    }
    guard end == body.count else { throw Self.error("\(body.count - end) bytes follow the last tensor") }
  }

  private static func error(_ problem: String, cause: (any Error)? = nil) -> FormatError {
    FormatError(.safetensors, "not a valid safetensors file: \(problem)", cause: cause)
  }

  private static func header(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> [String: JSON] {
    let header: JSON
    do { header = try JSON(bytes: bytes, depthMax: 4) } catch {
      throw Self.error("its header is \(error.message)", cause: error)
    }
    guard case .object(let members) = header, bytes.first == UInt8(ascii: "{") else {
      throw Self.error("its header is not a JSON object")
    }
    return members
  }

  private static func metadata(_ json: JSON?) throws(FormatError) -> [String: String] {
    guard let json else { return [:] }
    guard case .object(let members) = json else { throw Self.error("its metadata is not an object of texts") }
    var metadata: [String: String] = [:]
    for (key, value) in members {
      guard case .string(let text) = value else { throw Self.error("its metadata is not an object of texts") }
      metadata[key] = text
    }
    return metadata
  }

  /// What the header says of one tensor.
  private struct Entry {
    let dtype: DType
    let shape: [Int]
    let start: Int
    let end: Int

    init(_ json: JSON, name: String) throws(FormatError) {
      guard case .object(let members) = json, members.count == 3, case .string(let dtypeName) = members["dtype"],
        let shape = Self.lengths(members["shape"]), let offsets = Self.lengths(members["data_offsets"]),
        offsets.count == 2, offsets[0] <= offsets[1]
      else { throw Safetensors.error("tensor \(shown(name)) needs a dtype, a shape and two data_offsets") }
      guard let dtype = DType(rawValue: dtypeName) else {
        throw Safetensors.error("tensor \(shown(name)) has the unknown dtype \(shown(dtypeName))")
      }
      (self.dtype, self.shape, start, end) = (dtype, shape, offsets[0], offsets[1])
    }

    private static func lengths(_ json: JSON?) -> [Int]? {
      guard case .array(let elements) = json else { return nil }
      var lengths: [Int] = []
      for element in elements {
        guard case .integer(let length) = element, length >= 0 else { return nil }
        lengths.append(length)
      }
      return lengths
    }
  }
}
