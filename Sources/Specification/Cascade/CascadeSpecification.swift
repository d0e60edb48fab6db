/// A cascade of diffusion models: the first draws small pictures, each further one enlarges those of the one before.
///
/// Every stage trains on the data alone, so stages share nothing and train at the same time.
public struct CascadeSpecification: Equatable, Sendable {
  /// What is learnt from.
  public var data: ImageDataSpecification
  /// Share of the pictures, in 0…1, that no stage trains on: for validation and evaluation.
  public var validation: Double
  /// What pictures are drawn from.
  public var condition: Condition
  /// The stages, the one of lowest resolution first.
  public var stages: [StageSpecification]
  /// Pictures of the whole cascade while it trains.
  public var preview: PreviewSpecification?
  /// Pictures at the end.
  public var samples: SamplesSpecification?
  /// How the pictures are judged.
  public var evaluation: EvaluationSpecification?

  /// What pictures are drawn from.
  public enum Condition: Equatable, Sendable {
    /// Nothing.
    case none
    /// The class: one more than none, so that it can be left out.
    case classes(count: Int)
    /// The caption.
    case text(TextSpecification)
  }

  /// Creates a cascade.
  public init(
    data: ImageDataSpecification, validation: Double = 0.05, condition: Condition = .none, stages: [StageSpecification],
    preview: PreviewSpecification? = nil, samples: SamplesSpecification? = nil,
    evaluation: EvaluationSpecification? = nil
  ) {
    (self.data, self.validation, self.condition, self.stages) = (data, validation, condition, stages)
    (self.preview, self.samples, self.evaluation) = (preview, samples, evaluation)
  }

  /// What captions are made into embeddings with; nil without captions.
  public var text: TextSpecification? { if case .text(let text) = condition { text } else { nil } }

  /// The stages that have steps to train.
  public var trainsAnything: Bool { stages.contains { $0.steps > 0 } }

  /// Width and height of the pictures that a stage enlarges; nil for the first stage.
  public func lowResolution(of stage: Int) -> Int? { stage > 0 ? stages[stage - 1].resolution : nil }
}

/// A frozen text encoder and what is made of captions with it.
public struct TextSpecification: Equatable, Sendable {
  /// A folder as Hugging Face's tools write it: `config.json`, `model.safetensors` and the tokenizer's file; or a tar archive of
  /// one.
  public var encoder: String
  /// Tokens of a caption at most, with those that begin and end it.
  public var tokens: Int
  /// What to do with a longer caption of the data; a longer prompt is always refused.
  public var onLongCaption: LongCaptionRule

  /// Creates a description of a text encoder.
  public init(encoder: String, tokens: Int = 32, onLongCaption: LongCaptionRule = .cut) {
    (self.encoder, self.tokens, self.onLongCaption) = (encoder, tokens, onLongCaption)
  }

  /// What to do with a caption of too many tokens.
  public enum LongCaptionRule: String, CaseIterable, Sendable {
    /// The job ends with an error.
    case refuse
    /// Its first tokens are taken.
    case cut
  }
}
