import CImages

extension Image {
  /// Kinds of files that pictures are read from, told apart by their first bytes.
  public enum FileType: String, CaseIterable, Sendable {
    case png, jpeg, webp

    /// The kind whose mark the bytes begin with.
    public init?(of bytes: some Collection<UInt8>) {
      if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
        self = .png
      } else if bytes.starts(with: [0xff, 0xd8, 0xff]) {
        self = .jpeg
      } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
        self = .webp
      } else {
        return nil
      }
    }
  }

  /// Reads a PNG, JPEG or WebP file; `file` names it in messages.
  ///
  /// Samples of 16 bits are rounded to 8, palettes resolved. A picture's orientation tag is not followed.
  ///
  /// Throws `FormatError.Code.image`: not such a file, damaged, cut off, an animation, or more than `pixelsMax` pixels.
  public init(
    decoding bytes: some Collection<UInt8>, file: String, pixelsMax: Int = Self.pixelsMax
  ) throws(FormatError) {
    guard let type = FileType(of: bytes) else {
      let advice = bytes.isEmpty ? "it is empty" : "it is no PNG, JPEG or WebP picture"
      throw FormatError(.image, "\(oneLine(file, limit: 200)): \(advice)")
    }
    let decode =
      switch type {
      case .png: cimages_decode_png
      case .jpeg: cimages_decode_jpeg
      case .webp: cimages_decode_webp
      }
    var result = CImage()
    let message = Array(bytes).withUnsafeBufferPointer { buffer in
      Self.message { decode(buffer.baseAddress, buffer.count, Int64(min(pixelsMax, Self.pixelsMax)), &result, $0) }
    }
    defer { cimages_free(result.pixels) }
    guard message == nil, let pixels = result.pixels else {
      throw FormatError(.image, "\(oneLine(file, limit: 200)): \(type.rawValue.uppercased()) picture: \(message ?? "")")
    }
    let (width, height, channels) = (Int(result.width), Int(result.height), Int(result.channels))
    let samples = Array(UnsafeBufferPointer(start: pixels, count: width * height * channels))
    self.init(trustedWidth: width, height: height, channels: channels, pixels: samples)
  }

  /// The picture as a PNG file. Equal pictures give equal bytes, with the same version of libpng and zlib.
  ///
  /// Throws `FormatError.Code.image` if there is no memory for it.
  public func png() throws(FormatError) -> [UInt8] {
    var pixels = pixels
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let message = pixels.withUnsafeMutableBufferPointer { buffer in
      var image = CImage(
        width: Int32(width), height: Int32(height), channels: Int32(channels), pixels: buffer.baseAddress)
      return Self.message { cimages_encode_png(&image, &file, &count, $0) }
    }
    defer { cimages_free(file) }
    guard message == nil, let file else {
      throw FormatError(.image, "a picture of \(width) by \(height) pixels could not be written: \(message ?? "")")
    }
    return Array(UnsafeBufferPointer(start: file, count: count))
  }

  /// The message of a call that fails.
  private static func message(_ call: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CIMAGES_MESSAGE_BYTES)) { buffer in
      guard let start = buffer.baseAddress else { return "no memory" }
      start.initialize(repeating: 0, count: buffer.count)
      guard call(start) != 0 else { return nil }
      return oneLine(String(cString: start), limit: 200)
    }
  }
}
