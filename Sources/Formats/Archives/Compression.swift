import CZlib

/// Decompresses a gzip file (RFC 1952) or zlib stream (RFC 1950), also one of several members; `file` names it in messages.
///
/// Throws `FormatError.Code.archive`: damaged, cut off, or more than `bytesMax` bytes, which bounds the memory it takes.
public func decompressed(
  _ bytes: some Collection<UInt8>, file: String, bytesMax: Int = 1 << 33
) throws(FormatError) -> [UInt8] {
  var input = Array(bytes)
  var output: [UInt8] = []
  if let problem = inflate(&input, into: &output, bytesMax: bytesMax) {
    throw FormatError(.archive, "\(oneLine(file, limit: 200)): \(problem)")
  }
  return output
}

/// The bytes, decompressed if they are a gzip file.
///
/// Throws `FormatError.Code.archive` as `decompressed` does.
public func gunzippedIfNeeded(
  _ bytes: [UInt8], file: String, bytesMax: Int = 1 << 33
) throws(FormatError) -> [UInt8] {
  bytes.starts(with: [0x1f, 0x8b]) ? try decompressed(bytes, file: file, bytesMax: bytesMax) : bytes
}

/// Appends what the input holds; returns what is wrong with it, if anything is.
private func inflate(_ input: inout [UInt8], into output: inout [UInt8], bytesMax: Int) -> String? {
  var stream = z_stream()
  // 32 more than the window's bits lets zlib tell gzip from zlib by the header.
  guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    return "there is no memory to decompress it"
  }
  defer { inflateEnd(&stream) }
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  return input.withUnsafeMutableBufferPointer { input in
    var offset = 0
    while true {
      let given = min(input.count - offset, 1 << 30)
      stream.next_in = input.baseAddress.map { $0 + offset }
      stream.avail_in = UInt32(given)
      let (status, written) = chunk.withUnsafeMutableBufferPointer { chunk in
        stream.next_out = chunk.baseAddress
        stream.avail_out = UInt32(chunk.count)
        let status = CZlib.inflate(&stream, Z_NO_FLUSH)
        return (status, chunk.count - Int(stream.avail_out))
      }
      let taken = given - Int(stream.avail_in)
      offset += taken
      guard output.count + written <= bytesMax else { return "it holds more than \(bytesMax) bytes" }
      output += chunk[..<written]
      if status == Z_STREAM_END {
        if offset == input.count { return nil }
        guard inflateReset(&stream) == Z_OK else { return "it is damaged" }
      } else if status != Z_OK || (taken == 0 && written == 0) {
        return offset == input.count && status != Z_DATA_ERROR ? "it is cut off" : "it is no gzip file, or damaged"
      }
    }
  }
}
