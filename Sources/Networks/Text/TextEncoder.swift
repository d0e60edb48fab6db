import Formats
import Tensors

/// A frozen text encoder from a model folder of Hugging Face's form: tokenizer, network and weights.
///
/// The folder has `config.json` (model type `bert` or `t5`), `model.safetensors`, and `vocab.txt` (BERT) or `spiece.model` (T5).
/// Like its tensors, an encoder belongs to one thread at a time.
public final class TextEncoder {
  /// What an encoder makes of texts.
  public struct Output {
    /// State of every token, float32 `[n, tokens, width]`.
    public let states: Tensor
    /// Which tokens are no padding, bool `[n, tokens]`.
    public let mask: Tensor
    /// Mean of the states over the tokens that are no padding, float32 `[n, width]`.
    public let pooled: Tensor
    /// The tokens.
    public let tokens: TokenBatch
  }

  /// Numbers of a token's state.
  public let width: Int
  /// Tokens of the longest text that is taken, marks of beginning and end included.
  public let tokensMax: Int
  /// What is done with longer texts.
  public let longText: LongTextRule
  /// Divides texts.
  public let tokenizer: any Tokenizer
  private let network: Network
  private let parameters: ParameterSet

  private enum Network {
    case bert(BERT)
    case t5(T5Encoder)
  }

  /// Reads an encoder.
  /// - Parameters:
  ///   - files: The model folder.
  ///   - name: Names it in messages.
  ///   - tokensMax: Shorter texts than the model would take.
  /// - Throws: `NetworkError.Code.textEncoder` for a missing or damaged file, or a model that is not built.
  public init(
    files: FileBundle, name: String, tokensMax wanted: Int? = nil, longText: LongTextRule = .refuse
  ) throws(NetworkError) {
    do {
      let folder = EncoderFolder(files: files, name: name)
      let limit: Int
      switch try folder.modelType() {
      case "bert":
        let bert = try BERT(configuration: folder.file("config.json"))
        let settings = try folder.settings("tokenizer_config.json")
        let lowercases = try settings?.flag("do_lower_case", default: true) ?? true
        tokenizer = try WordPiece(vocabulary: folder.file("vocab.txt"), lowercases: lowercases)
        limit = min(bert.positionCount, try folder.tokensMax() ?? bert.positionCount)
        width = bert.width
        try folder.check(tokenizer, has: bert.vocabularySize)
        let weights = try folder.weights()
        let prefix = weights["bert.embeddings.word_embeddings.weight"] == nil ? "" : "bert."
        parameters = try ParameterSet(among: weights, of: bert.parameterShapes) { prefix + $0 }
        network = .bert(bert)
      case "t5":
        let t5 = try T5Encoder(configuration: folder.file("config.json"))
        tokenizer = try SentencePiece(model: folder.file("spiece.model"))
        limit = try folder.tokensMax() ?? 512
        width = t5.width
        try folder.check(tokenizer, has: t5.vocabularySize)
        let weights = try folder.weights()
        let words = weights["shared.weight"] == nil ? "encoder.embed_tokens.weight" : "shared.weight"
        parameters = try ParameterSet(among: weights, of: t5.parameterShapes) { $0 == "shared.weight" ? words : $0 }
        network = .t5(t5)
      case let type:
        throw NetworkError(.textEncoder, "its model type is \(shown(type)); bert and t5 are built")
      }
      tokensMax = min(wanted ?? limit, limit)
      self.longText = longText
    } catch {
      let message = (error as? NetworkError)?.message ?? "\(error)"
      throw NetworkError(.textEncoder, "the text encoder \(oneLine(name, limit: 200)): \(message)")
    }
  }

  /// Divides texts into tokens.
  ///
  /// Throws `NetworkError.Code.longText` for a text that is too long, unless it is to be cut.
  /// - Parameter rule: What is done with longer texts, in place of the encoder's own rule.
  public func tokens(
    _ texts: [String], paddedTo length: Int? = nil, longText rule: LongTextRule? = nil
  ) throws(NetworkError) -> TokenBatch {
    try TokenBatch(texts, tokenizer: tokenizer, tokensMax: tokensMax, paddedTo: length, longText: rule ?? longText)
  }

  /// Encodes texts; rows are as long as the longest text, or `paddedTo`.
  /// - Throws: `NetworkError.Code.longText` for a text that is too long, unless it is to be cut; `TensorError`.
  public func encode(_ texts: [String], paddedTo length: Int? = nil) throws -> Output {
    let tokens = try tokens(texts, paddedTo: length)
    return try withoutGradient {
      let (ids, mask) = (try tokens.idTensor(), try tokens.maskTensor())
      let states =
        switch network {
        case .bert(let bert): try bert(ids: ids, mask: mask, parameters: parameters)
        case .t5(let t5): try t5(ids: ids, mask: mask, parameters: parameters)
        }
      return Output(states: states, mask: mask, pooled: try states.maskedMean(mask), tokens: tokens)
    }
  }
}

extension Tensor {
  /// Mean over the second dimension of `[n, length, width]` where the mask `[n, length]` is true; 0 where it never is.
  public func maskedMean(_ mask: Tensor) throws(TensorError) -> Tensor {
    let weights = try mask.converted(to: .float32).unsqueezed(at: -1)
    let count = try weights.sum(along: 1).clamped(from: 1)
    return try (self * weights).sum(along: 1) / count
  }

  /// Rows, the last dimension, divided by their Euclidean length.
  public func unitLength() throws(TensorError) -> Tensor {
    try self / squared().sum(along: -1, keepingDimension: true).sqrt().clamped(from: 1e-12)
  }
}
