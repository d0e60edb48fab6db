extension Image {
  /// How a grid of pictures looks; lengths in pixels.
  public struct GridStyle: Equatable, Sendable {
    /// Pictures in a row.
    public var columns: Int
    /// Each pixel of a picture becomes a square of this side.
    public var scale: Int
    /// Space around pictures.
    public var margin: Int
    /// Lines of a caption at most; what does not fit ends in `...`.
    public var captionLines: Int

    /// Describes a grid.
    public init(columns: Int, scale: Int = 1, margin: Int = 4, captionLines: Int = 3) {
      (self.columns, self.scale, self.margin) = (max(columns, 1), max(scale, 1), max(margin, 0))
      self.captionLines = max(captionLines, 1)
    }
  }

  /// Columns of letters that a caption has at least.
  private static let captionLettersMin = 16

  /// Pictures in rows on white, the i-th caption below the i-th picture. With captions, cells are at least 96 pixels wide.
  ///
  /// Throws `FormatError.Code.unsupported` if there is no picture, or the grid would be too large.
  public static func grid(
    _ images: [Image], captions: [String] = [], style: GridStyle
  ) throws(FormatError) -> Image {
    guard !images.isEmpty else { throw FormatError(.unsupported, "a grid needs at least one picture") }
    let channels = images.allSatisfy { $0.channels == 1 } ? 1 : 3
    let cells = images.map { $0.flattened(channels: channels).enlarged(by: style.scale) }
    let letters = captions.isEmpty ? 0 : captionLettersMin
    let cellWidth = max(cells.map(\.width).max() ?? 1, letters * BitmapFont.width)
    let pictureHeight = cells.map(\.height).max() ?? 1
    let lines = captions.map {
      wrapped($0, letters: cellWidth / BitmapFont.width, linesMax: style.captionLines)
    }
    let captionHeight = (lines.map(\.count).max() ?? 0) * BitmapFont.height
    let columns = min(style.columns, cells.count)
    let rows = (cells.count + columns - 1) / columns
    let (stepX, stepY) = (cellWidth + style.margin, pictureHeight + captionHeight + style.margin)
    let (width, height) = (columns * stepX + style.margin, rows * stepY + style.margin)
    guard width <= pixelsMax / height else {
      throw FormatError(.unsupported, "a grid of \(width) by \(height) pixels is too large; show fewer pictures")
    }
    var grid = Image(
      trustedWidth: width, height: height, channels: channels,
      pixels: [UInt8](repeating: 255, count: width * height * channels))
    for (index, cell) in cells.enumerated() {
      let (left, top) = (style.margin + index % columns * stepX, style.margin + index / columns * stepY)
      grid.draw(cell, left: left + (cellWidth - cell.width) / 2, top: top + (pictureHeight - cell.height) / 2)
      guard index < lines.count else { continue }
      for (number, line) in lines[index].enumerated() {
        grid.write(line, left: left, top: top + pictureHeight + number * BitmapFont.height)
      }
    }
    return grid
  }

  private mutating func write(_ letters: [UInt8], left: Int, top: Int) {
    for (index, letter) in letters.enumerated() {
      for (y, row) in BitmapFont.rows(of: letter).enumerated() {
        for x in 0..<BitmapFont.width where row & (0x80 >> UInt8(x)) != 0 {
          let at = ((top + y) * width + left + index * BitmapFont.width + x) * channels
          pixels.replaceSubrange(at..<at + channels, with: repeatElement(0, count: channels))
        }
      }
    }
  }

  /// A caption in lines, broken between words where words are short enough.
  static func wrapped(_ caption: String, letters: Int, linesMax: Int) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    for word in BitmapFont.letters(of: caption).split(separator: UInt8(ascii: " ")) {
      if !line.isEmpty, line.count + 1 + word.count <= letters {
        line += [UInt8(ascii: " ")] + word
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = Array(word)
      while line.count > letters {
        lines.append(Array(line.prefix(letters)))
        line.removeFirst(letters)
      }
    }
    if !line.isEmpty { lines.append(line) }
    guard lines.count > linesMax else { return lines }
    let last = lines[linesMax - 1].prefix(max(letters - 3, 0)) + Array("...".utf8)
    return lines.prefix(linesMax - 1) + [Array(last)]
  }
}
