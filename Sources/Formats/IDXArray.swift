/// An array of bytes in the idx form of MNIST (LeCun, Cortes and Burges): magic number, lengths, elements in C order.
public struct IDXArray: Equatable, Sendable {
  /// Lengths of the axes, outermost first.
  public let shape: [Int]
  /// Elements in C order.
  public let bytes: ArraySlice<UInt8>

  /// Makes an array of as many elements as its lengths, each below 2³², say.
  public init(_ bytes: [UInt8], shape: [Int]) { (self.shape, self.bytes) = (shape, bytes[...]) }

  /// The array as a file, not compressed.
  public var file: [UInt8] {
    [0, 0, 8, UInt8(shape.count)] + shape.flatMap { length in [24, 16, 8, 0].map { UInt8(length >> $0 & 255) } } + bytes
  }

  /// Reads a file of unsigned bytes, as it is or compressed by gzip or zlib; `file` names it in messages.
  ///
  /// Throws `FormatError.Code.archive` if it cannot be decompressed, `.table` if it is no idx file of its claimed length.
  public init(file bytes: [UInt8], name file: String) throws(FormatError) {
    let name = oneLine(file, limit: 200)
    let raw = bytes.first == 0 || bytes.isEmpty ? bytes : try decompressed(bytes, file: file)
    guard raw.count >= 4, raw[0] == 0, raw[1] == 0, raw[3] > 0 else {
      throw FormatError(.table, "\(name): it is no idx file (nor one compressed by gzip or zlib)")
    }
    guard raw[2] == 0x08 else {
      throw FormatError(
        .table, "\(name): elements of type 0x\(String(raw[2], radix: 16)); only unsigned bytes are read")
    }
    let start = 4 + 4 * Int(raw[3])
    guard raw.count >= start else { throw FormatError(.table, "\(name): it ends within its header") }
    var shape: [Int] = []
    var count = 1
    for axis in 0..<Int(raw[3]) {
      let length = raw[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { throw FormatError(.table, "\(name): its lengths are impossible") }
      shape.append(length)
      count = product
    }
    guard raw.count - start == count else {
      throw FormatError(.table, "\(name): \(raw.count - start) elements, where its header says \(count)")
    }
    self.shape = shape
    self.bytes = raw[start...]
  }
}
