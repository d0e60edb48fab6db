/// A feed-forward network in a few words: from pictures to scores of classes, or from rows of numbers to predictions.
public struct ClassifierConfiguration: Equatable, Sendable {
  /// The layers.
  public var architecture: Architecture
  /// What stands between a layer and its activation.
  public var normalization: Normalization
  /// Probability with which the output of a hidden linear layer, and the input of the last layer, is dropped.
  public var dropout: Double
  /// What every hidden width is multiplied by.
  public var width: Double

  /// Layers of a network.
  public enum Architecture: Equatable, Sendable {
    /// LeNet-5 (LeCun et al. 1998) as it is used today, with rectifiers, maxima and full connections: 61,706 parameters for
    /// 28 × 28 pixels and ten classes.
    case lenet5
    /// The 16 layers "D" of Simonyan & Zisserman 2015, with a single linear layer, as usual for pictures of 32 × 32.
    case vgg16
    /// 18 layers with residual blocks (He et al. 2016), with a first convolution of 3 × 3 for pictures of 32 × 32.
    case resnet18
    /// Residual networks for pictures of 32 × 32 (He et al. 2016, section 4.2), of 20, 32 or 56 layers.
    case resnet20, resnet32, resnet56
    /// Linear layers of these hidden widths, with an activation after each but the last.
    case mlp(hidden: [Int], activation: Activation)

    /// Whether it takes pictures only.
    var isConvolutional: Bool {
      if case .mlp = self { return false }
      return true
    }

    /// Width and height of the smallest pictures that are left something of by the layers that halve them.
    public var leastResolution: Int {
      switch self {
      case .lenet5: 12
      case .vgg16: 32
      case .resnet18: 8
      case .resnet20, .resnet32, .resnet56: 4
      case .mlp: 1
      }
    }

    /// What this network is usually built with.
    public var usualNormalization: Normalization {
      switch self {
      case .lenet5, .mlp: .identity
      case .vgg16, .resnet18, .resnet20, .resnet32, .resnet56: .batch
      }
    }
  }

  /// What stands between a layer and its activation.
  public enum Normalization: String, CaseIterable, Sendable {
    /// Nothing.
    case identity = "none"
    /// Ioffe & Szegedy 2015.
    case batch
    /// Filter response normalisation with thresholds as activations (Singh & Krishnan 2020).
    case filterResponse
  }

  /// Creates a description; without a normalisation it has its usual one.
  public init(
    _ architecture: Architecture, normalization: Normalization? = nil, dropout: Double = 0, width: Double = 1
  ) {
    self.architecture = architecture
    self.normalization = normalization ?? architecture.usualNormalization
    (self.dropout, self.width) = (dropout, width)
  }
}

extension ClassifierConfiguration {
  /// Whether something is left of the pictures of a set.
  func check(_ field: Field, for set: LearningData) throws(SpecificationError) {
    let least = architecture.leastResolution
    guard case .pictures(let pictures) = set.source, pictures.resolution < least else { return }
    let advice = "give \(quoted(set.name)) a `resolution` of \(least), or choose another network"
    throw field.error(.conflict, "needs pictures of \(least) pixels or more; \(advice)")
  }
}

extension ClassifierConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case lenet5, vgg16, resnet18, resnet20, resnet32, resnet56, mlp
  }

  init(from section: inout Section) throws(SpecificationError) {
    let kind = try section.required("type", "name a network, such as `type: lenet5`").choice(of: Kind.self)
    let architecture: Architecture =
      switch kind {
      case .lenet5: .lenet5
      case .vgg16: .vgg16
      case .resnet18: .resnet18
      case .resnet20: .resnet20
      case .resnet32: .resnet32
      case .resnet56: .resnet56
      case .mlp:
        .mlp(
          hidden: try section.optional("hidden")?.integers(in: 1...4096, countMax: 16, isEmptyAllowed: true) ?? [50],
          activation: try section.optional("activation")?.choice() ?? .relu)
      }
    self.init(architecture)
    if let field = section.optional("normalization") {
      normalization = try field.choice()
      if normalization == .filterResponse, !architecture.isConvolutional {
        throw field.error(.conflict, "means over pixels, which an mlp does not have; write `batch` or `none`")
      }
    }
    dropout = try section.optional("dropout")?.number(in: 0...0.99) ?? dropout
    width = try section.optional("width")?.number(in: 0.01...4) ?? width
  }
}
