import Foundation

extension WordPiece {
  /// The words and marks of punctuation of a text.
  func words(of text: String) -> [[Unicode.Scalar]] {
    let cleaned = text.unicodeScalars.filter { !Self.isLeftOut($0) }
    let scalars = lowercases ? Self.lowercased(cleaned) : Array(cleaned)
    var words: [[Unicode.Scalar]] = []
    var word: [Unicode.Scalar] = []
    func endWord() {
      if !word.isEmpty { words.append(word) }
      word = []
    }
    for scalar in scalars {
      if Self.isBlank(scalar) {
        endWord()
      } else if Self.isPunctuation(scalar) || Self.isChinese(scalar) {
        endWord()
        words.append([scalar])
      } else {
        word.append(scalar)
      }
    }
    endWord()
    return words
  }

  /// Small letters without accents.
  private static func lowercased(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    let bare = String(view).decomposedStringWithCanonicalMapping.unicodeScalars.lazy
      .filter { $0.properties.generalCategory != .nonspacingMark }
    return bare.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    ["\t", "\n", "\r"].contains(scalar) || scalar.properties.isWhitespace
  }

  /// Control characters, format characters and what has no meaning.
  private static func isLeftOut(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\u{fffd}" { return true }
    switch scalar.properties.generalCategory {
    case .control: return !["\t", "\n", "\r"].contains(scalar)
    case .format, .surrogate, .privateUse, .unassigned: return true
    default: return false
    }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default:
      // ASCII's signs such as $, + and ^ count, too.
      return [33...47, 58...64, 91...96, 123...126].contains { $0.contains(scalar.value) }
    }
  }

  /// Blocks of CJK ideographs; Hiragana, Katakana and Hangul are written as other letters are.
  private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    let blocks: [ClosedRange<UInt32>] = [
      0x4e00...0x9fff, 0x3400...0x4dbf, 0x20000...0x2a6df, 0x2a700...0x2b73f, 0x2b740...0x2b81f, 0x2b820...0x2ceaf,
      0xf900...0xfaff, 0x2f800...0x2fa1f,
    ]
    return blocks.contains { $0.contains(scalar.value) }
  }
}
