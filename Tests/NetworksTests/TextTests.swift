import Formats
import Networks
import Tensors
import Testing

@Suite struct WordPieceTests {
  private static let vocabulary = """
    [PAD]
    [UNK]
    [CLS]
    [SEP]
    un
    ##aff
    ##able
    a
    ##b
    ,
    日
    本
    cafe
    $
    i
    ##i
    """

  private func pieces(_ text: String, lowercases: Bool = true) throws -> [Int] {
    try WordPiece(vocabulary: Self.vocabulary.utf8, lowercases: lowercases).pieces(of: text)
  }

  @Test func wordsAreDividedIntoTheLongestPieces() throws {
    #expect(try pieces("unaffable") == [4, 5, 6])
    #expect(try pieces("Unaffable,AB") == [4, 5, 6, 9, 7, 8])
    #expect(try pieces("unaffables") == [1])
    #expect(try pieces(" a\t\n a\u{a0}") == [7, 7])
    #expect(try pieces("") == [])
  }

  @Test func lettersAreCleaned() throws {
    #expect(try pieces("CAFÉ") == [12])
    #expect(try pieces("cafe\u{301}") == [12])
    #expect(try pieces("CAFÉ", lowercases: false) == [1])
    #expect(try pieces("日本") == [10, 11])
    #expect(try pieces("a$a") == [7, 13, 7])
    #expect(try pieces("a\u{0}\u{200b}\u{fffd}b") == [7, 8])
    #expect(try pieces("İI") == [14, 15])
    #expect(try pieces(String(repeating: "a", count: 101)) == [1])
  }

  @Test func aVocabularyWithoutMarksIsRefused() {
    let error = #expect(throws: NetworkError.self) { try WordPiece(vocabulary: Array("a\nb\n".utf8)) }
    #expect(error?.message.contains("[CLS]") ?? false)
  }

  @Test func longTextsAreRefusedOrCut() throws {
    let tokenizer = try WordPiece(vocabulary: Self.vocabulary.utf8)
    let batch = try TokenBatch(["a a a", "a"], tokenizer: tokenizer, tokensMax: 4, longText: .cut)
    #expect(batch.ids == [2, 7, 7, 3, 2, 7, 3, 0])
    #expect(batch.lengths == [4, 3])
    #expect(batch.cut == [0])
    let error = #expect(throws: NetworkError.self) {
      try TokenBatch(["a a a"], tokenizer: tokenizer, tokensMax: 4, longText: .refuse)
    }
    #expect(error?.code == .longText)
    #expect(error?.message.contains("\"a a a\" has 5 tokens, the encoder takes 4") ?? false)
    let padded = try TokenBatch(["a"], tokenizer: tokenizer, tokensMax: 9, paddedTo: 5, longText: .refuse)
    #expect(try padded.maskTensor().converted(to: .uint8).array(of: UInt8.self) == [1, 1, 1, 0, 0])
  }
}
