import Formats

/// BERT's tokenizer: words and marks of punctuation, each divided into the longest pieces that the vocabulary has.
///
/// Source: Devlin, Chang, Lee and Toutanova, "BERT", 2019, with the rules of the published code: control characters are left
/// out, accents too where letters are made small, Chinese characters and punctuation are words of their own.
public struct WordPiece: Tokenizer {
  /// Number of `[CLS]`.
  public let start: Int?
  /// Number of `[SEP]`.
  public let end: Int?
  /// Number of `[PAD]`.
  public let padding: Int
  /// Number of `[UNK]`, which stands for a word that cannot be divided.
  public let unknown: Int
  /// Lines of the vocabulary.
  public let vocabularySize: Int
  /// Whether letters are made small and accents left out.
  public let lowercases: Bool
  // Keys are bytes, since strings that look alike in Unicode would be equal.
  private let numbers: [ArraySlice<UInt8>: Int]
  private static let wordLettersMax = 100

  /// Reads a vocabulary: a piece a line, `##` before those that continue a word.
  ///
  /// Throws `NetworkError.Code.textEncoder` if `[CLS]`, `[SEP]`, `[PAD]` or `[UNK]` is missing.
  public init(vocabulary bytes: some Collection<UInt8>, lowercases: Bool = true) throws(NetworkError) {
    var lines = Array(bytes).split(separator: 0x0a, omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    let pieces = lines.map { $0.last == 0x0d ? $0.dropLast() : $0 }
    let numbers = Dictionary(zip(pieces, 0...), uniquingKeysWith: { _, last in last })
    func number(_ mark: String) throws(NetworkError) -> Int {
      if let number = numbers[Array(mark.utf8)[...]] { return number }
      throw NetworkError(
        .textEncoder, "the vocabulary of \(lines.count) lines has no \(mark): it is no vocabulary of a BERT")
    }
    (start, end) = (try number("[CLS]"), try number("[SEP]"))
    (padding, unknown) = (try number("[PAD]"), try number("[UNK]"))
    vocabularySize = lines.count
    self.lowercases = lowercases
    self.numbers = numbers
  }

  /// Numbers of a text's pieces.
  public func pieces(of text: String) -> [Int] { words(of: text).flatMap(division) }

  /// The longest pieces of a word, from its beginning on.
  private func division(of word: [Unicode.Scalar]) -> [Int] {
    guard word.count <= Self.wordLettersMax else { return [unknown] }
    let letters = word.map { Array(String($0).utf8) }
    var result: [Int] = []
    var from = 0
    while from < letters.count {
      let mark: [UInt8] = from == 0 ? [] : Array("##".utf8)
      let found = (from + 1...letters.count).reversed().lazy.compactMap { to in
        numbers[(mark + letters[from..<to].joined())[...]].map { (number: $0, to: to) }
      }.first
      guard let found else { return [unknown] }
      result.append(found.number)
      from = found.to
    }
    return result
  }
}
