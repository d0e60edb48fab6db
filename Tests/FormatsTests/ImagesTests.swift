import Formats
import Testing

@Suite struct ImagesTests {
  /// What the examples show.
  private static func gradient(_ x: Int, _ y: Int) -> [UInt8] { [UInt8(60 * x), UInt8(80 * y), UInt8(30 * (x + y))] }

  @Test func picturesAreDecodedAsTheyWereDrawn() throws {
    let png = try Image(decoding: ExampleImages.png, file: "a.png")
    #expect((png.width, png.height, png.channels) == (5, 4, 3))
    #expect(png.pixels == (0..<4).flatMap { y in (0..<5).flatMap { x in Self.gradient(x, y) } })
    let webp = try Image(decoding: ExampleImages.webp, file: "a.webp")
    #expect(
      webp.pixels == (0..<4).flatMap { y in (0..<5).flatMap { x in Self.gradient(x, y) + [x > 2 ? 0 : 255] } })
    let palette = try Image(decoding: ExampleImages.palettePNG, file: "p.png")
    #expect(palette.pixels.prefix(4) == [30, 0, 15, 255])
    #expect(palette.pixels.suffix(4) == [180, 240, 180, 0])
    #expect(palette.flattened(channels: 3).pixels.suffix(3) == [255, 255, 255])
    let deep = try Image(decoding: ExampleImages.deepPNG, file: "d.png")
    #expect(deep.channels == 1)
    #expect(deep.pixels == [0, 100, 255, 0, 7, 117])
    let jpeg = try Image(decoding: ExampleImages.jpeg, file: "a.jpg")
    #expect((jpeg.width, jpeg.height, jpeg.channels) == (16, 8, 3))
    let drawn = (0..<8).flatMap { y in (0..<16).flatMap { x in [16 * x, 30 * y, 255 - 16 * x] } }
    #expect(zip(jpeg.pixels, drawn).allSatisfy { abs(Int($0) - $1) <= 6 })
    #expect(try Image(decoding: ExampleImages.greyJPEG, file: "g.jpg").channels == 1)
  }

  @Test(arguments: [
    ("", [], "empty"), ("no picture", Array("GIF89a......".utf8), "no PNG, JPEG or WebP"),
    ("cut off", Array(ExampleImages.png.dropLast(30)), "PNG"),
    ("cut off", Array(ExampleImages.jpeg.dropLast(60)), "JPEG"),
    ("cut off", Array(ExampleImages.webp.dropLast(20)), "WEBP"),
    ("for printers", ExampleImages.cmykJPEG, "CMYK"), ("moving", ExampleImages.animatedWebP, "animation"),
  ])
  func whatCannotBeReadIsRefusedByName(_ what: String, bytes: [UInt8], reason: String) throws {
    let error = #expect(throws: FormatError.self) { try Image(decoding: bytes, file: "photos/42") }
    #expect(error?.code == .image)
    #expect(error?.message.hasPrefix("photos/42: ") ?? false)
    #expect(error?.message.contains(reason) ?? false, "\(what): \(error?.message ?? "")")
  }

  @Test func aFlippedBitIsFound() throws {
    var bytes = ExampleImages.png
    bytes[50] ^= 1
    #expect(throws: FormatError.self) { try Image(decoding: bytes, file: "a.png") }
    let error = #expect(throws: FormatError.self) {
      try Image(decoding: ExampleImages.jpeg, file: "a.jpg", pixelsMax: 100)
    }
    #expect(error?.message.contains("16 by 8 pixels, more than the 100") ?? false)
  }

  @Test(arguments: [1, 3, 4]) func aWrittenPictureIsReadAgain(_ channels: Int) throws {
    let pixels = (0..<7 * 3 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let image = try Image(width: 7, height: 3, channels: channels, pixels: pixels)
    let png = try image.png()
    #expect(try Image(decoding: png, file: "") == image)
    #expect(try image.png() == png)
  }

  @Test func resizingAveragesAreasAndInterpolates() throws {
    let image = try Image(width: 4, height: 2, channels: 1, pixels: [0, 100, 200, 40, 20, 80, 100, 60])
    #expect(try image.resized(width: 2, height: 1).pixels == [50, 100])
    // Thirds: (0 + 100/3)/(4/3), (200/3 + 400/3)/(4/3), (200/3 + 40)/(4/3), and the row below.
    #expect(try image.resized(width: 3, height: 2).pixels == [25, 150, 80, 35, 90, 70])
    let line = try Image(width: 2, height: 1, channels: 1, pixels: [0, 100])
    #expect(try line.resized(width: 4, height: 2).pixels == [0, 25, 75, 100, 0, 25, 75, 100])
    let flat = try Image(width: 5, height: 7, channels: 3, pixels: [UInt8](repeating: 77, count: 105))
    #expect(try flat.resized(width: 3, height: 11).pixels.allSatisfy { $0 == 77 })
    #expect(throws: FormatError.self) { try image.resized(width: 0, height: 2) }
  }

  @Test func aGridHasItsPicturesAndCaptions() throws {
    let black = try Image(width: 8, height: 8, channels: 1, pixels: [UInt8](repeating: 0, count: 64))
    let plain = try Image.grid([black, black, black], style: Image.GridStyle(columns: 2, scale: 2, margin: 1))
    #expect((plain.width, plain.height, plain.channels) == (35, 35, 1))
    #expect(plain.pixels.count { $0 == 0 } == 3 * 256)
    let style = Image.GridStyle(columns: 2, margin: 2, captionLines: 2)
    let captions = ["I", "", "A naïve caption that is much too long for its two lines"]
    let labelled = try Image.grid([black, black, black], captions: captions, style: style)
    #expect((labelled.width, labelled.height) == (2 * 98 + 2, 2 * (8 + 24 + 2) + 2))
    // The letter I of the font has 11 black pixels.
    let first = labelled.pixels.prefix(labelled.width * (2 + 8 + 24))
    #expect(first.count { $0 == 0 } == 2 * 64 + 11)
    #expect(throws: FormatError.self) { try Image.grid([], style: style) }
  }
}
