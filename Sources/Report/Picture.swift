import Formats
import Foundation
import Store

/// A picture that the page carries in itself.
struct Picture {
  private let bytes: [UInt8]
  private let (width, height): (Int, Int)

  /// Bytes of a file that goes into the page as it is.
  private static let bytesMax = 3 << 20
  /// Width of a larger one's smaller copy.
  private static let widthMax = 1200

  /// Reads a PNG file; a large one is made smaller, so that the page stays fit to be sent.
  /// - Throws: `StoreError` or `FormatError` for a file that is missing or no such picture.
  init(_ name: String, of files: JobFiles) throws {
    guard let file = try files.bytes(name) else { throw StoreError(.missing, "\(name): the picture is missing.") }
    let image = try Image(decoding: file, file: name)
    guard Image.FileType(of: file) == .png else { throw FormatError(.image, "\(name): it is no PNG picture") }
    guard file.count > Self.bytesMax, image.width > Self.widthMax else {
      (bytes, width, height) = (file, image.width, image.height)
      return
    }
    let smaller = try image.resized(
      width: Self.widthMax, height: max(1, image.height * Self.widthMax / image.width))
    (bytes, width, height) = (try smaller.png(), smaller.width, smaller.height)
  }

  /// The picture, with words for those who cannot see it.
  func markup(_ words: String) -> Markup {
    Markup(
      "img",
      [
        "src": "data:image/png;base64," + Data(bytes).base64EncodedString(), "width": "\(width)", "height": "\(height)",
        "alt": words,
      ])
  }
}
