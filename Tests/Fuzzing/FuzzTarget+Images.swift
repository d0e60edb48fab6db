import Datasets
import Formats
import Specification

/// Pictures, archives of them, and what describes them.
extension FuzzTarget {
  static let images = [image, tar, gzip, idx, captions]

  private static let image = FuzzTarget(
    "image", tokens: ["IHDR", "IDAT", "PLTE", "tRNS", "IEND", "RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM"],
    examples: { [try example(width: 3, height: 2).png()] }
  ) {
    let image = try Image(decoding: $0, file: "image", pixelsMax: 1 << 16)
    try promise(image.pixels.count == image.width * image.height * image.channels, "the picture is not rectangular")
    let again = try promised("writing") { try Image(decoding: image.png(), file: "again") }
    try promise(again == image, "the picture is not read as it was written")
    _ = try promised("resizing") { try image.flattened(channels: 3).resized(width: 5, height: 3) }
  }

  private static let tar = FuzzTarget(
    "tar", tokens: ["ustar", "path=", "size=", "././@LongLink", "\u{0}", "00000000000", "77777777777"],
    examples: {
      [try bundle(["a.txt": "hello", "sub/b.txt": "", String(repeating: "long/", count: 30) + "c": "long"]).tar()]
    }
  ) {
    let files = try FileBundle(tar: $0, file: "archive.tar")
    let again = try promised("writing") { try FileBundle(tar: files.tar(), file: "again.tar") }
    try promise(again.names == files.names, "the archive is not read as it was written")
    for name in files.names { try promise(again[name] == files[name], "\(name) is not read as it was written") }
  }

  private static let gzip = FuzzTarget("gzip", tokens: ["\u{0}\u{0}", "\u{1f}"]) {
    let bytes = try decompressed($0, file: "file.gz", bytesMax: 1 << 20)
    try promise(bytes.count <= 1 << 20, "\(bytes.count) bytes are too many")
  }

  private static let idx = FuzzTarget("idx", tokens: ["\u{0}\u{0}\u{8}\u{3}", "\u{0}\u{0}\u{0}\u{1}"]) {
    let specification = ImageDataSpecification(source: .idx(images: "images", labels: nil), channels: 1)
    let set = try ImageSet(specification, files: ["images": $0])
    _ = try promised("reading a picture") { try set.image(at: set.count - 1, width: 2, height: 2) }
  }

  private static let captions = FuzzTarget(
    "captions", tokens: ["\t", "\n", "\r\n", "index", "file", "caption", "label", "1.png", "\u{feff}"]
  ) {
    var files = try bundle(["captions.tsv": String(decoding: $0, as: UTF8.self)])
    for name in ["0.png", "1.png"] { files.add(name, try example(width: 2, height: 2).png()) }
    let set = try ImageSet(ImageDataSpecification(source: .folder("set")), files: ["set": files.tar()])
    for index in 0..<set.count {
      try promise(set.caption(at: index).map { !$0.isEmpty } ?? false, "a picture has no caption")
    }
  }

  private static func example(width: Int, height: Int) throws -> Image {
    let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * 31) }
    return try Image(width: width, height: height, channels: 3, pixels: pixels)
  }

  private static func bundle(_ texts: [String: String]) throws -> FileBundle {
    var files = FileBundle()
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) { files.add(name, Array(text.utf8)) }
    return files
  }
}
