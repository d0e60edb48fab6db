/// The network of a stage.
public enum NetworkSpecification: Equatable, Sendable {
  /// The U-Net of Dhariwal & Nichol 2021, in the form of diffusers.
  case unet(UNetSpecification)
  /// The Efficient U-Net of Saharia et al. 2022, for enlarging.
  case efficientUNet(EfficientUNetSpecification)
  /// A U-Net that a `config.json` of diffusers describes: the path of that file.
  case config(String)

  /// Levels at each of which the resolution is halved once more; nil if only the file says.
  public var levels: Int? {
    switch self {
    case .unet(let unet): unet.multipliers.count
    case .efficientUNet(let unet): unet.multipliers.count
    case .config: nil
    }
  }
}

/// A U-Net in a few words.
public struct UNetSpecification: Equatable, Sendable {
  /// Channels at the highest resolution.
  public var channels: Int
  /// Channels of each level, from the highest resolution, as multiples of `channels`.
  public var multipliers: [Int]
  /// Residual blocks of a level on the way down; the way up has one more.
  public var blocks: Int
  /// Resolutions at which pixels attend to each other.
  public var attention: [Int]
  /// Resolutions at which pixels attend to the caption.
  public var crossAttention: [Int]
  /// Channels of an attention head.
  public var headWidth: Int
  /// Groups of channels that are normalised together.
  public var groups: Int
  /// Whether time and condition scale the normalised channels, and do not only shift them (adaptive group norm).
  public var scaleShift: Bool
  /// Whether residual blocks change the resolution, rather than convolutions.
  public var residualResampling: Bool

  /// Creates a description of a U-Net.
  public init(
    channels: Int = 64, multipliers: [Int] = [1, 2, 2], blocks: Int = 2, attention: [Int] = [8],
    crossAttention: [Int] = [], headWidth: Int = 32, groups: Int = 32, scaleShift: Bool = true,
    residualResampling: Bool = false
  ) {
    (self.channels, self.multipliers, self.blocks) = (channels, multipliers, blocks)
    (self.attention, self.crossAttention, self.headWidth) = (attention, crossAttention, headWidth)
    (self.groups, self.scaleShift, self.residualResampling) = (groups, scaleShift, residualResampling)
  }
}

/// An Efficient U-Net in a few words.
public struct EfficientUNetSpecification: Equatable, Sendable {
  /// Channels at the highest resolution.
  public var channels: Int
  /// Channels of each level, from the highest resolution, as multiples of `channels`.
  public var multipliers: [Int]
  /// Residual blocks of each level.
  public var blocks: [Int]
  /// Resolutions at which pixels attend to each other.
  public var attention: [Int]
  /// Resolutions at which pixels attend to the caption.
  public var crossAttention: [Int]
  /// Channels of an attention head.
  public var headWidth: Int
  /// Groups of channels that are normalised together.
  public var groups: Int

  /// Creates a description of an Efficient U-Net.
  public init(
    channels: Int = 64, multipliers: [Int] = [1, 2, 4], blocks: [Int] = [1, 2, 4], attention: [Int] = [],
    crossAttention: [Int] = [], headWidth: Int = 32, groups: Int = 32
  ) {
    (self.channels, self.multipliers, self.blocks) = (channels, multipliers, blocks)
    (self.attention, self.crossAttention) = (attention, crossAttention)
    (self.headWidth, self.groups) = (headWidth, groups)
  }
}

extension NetworkSpecification: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case unet, efficientUNet
  }

  init(from section: inout Section) throws(SpecificationError) {
    let config = section.optional("config")
    if let config {
      self = .config(try config.text())
      return
    }
    let advice = "write `type: unet` or `type: efficientUNet`, or `config:` and the path of a config.json of diffusers"
    self =
      switch try section.required("type", advice).choice(of: Kind.self) {
      case .unet: .unet(try UNetSpecification(from: &section))
      case .efficientUNet: .efficientUNet(try EfficientUNetSpecification(from: &section))
      }
  }
}

extension UNetSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    channels = try section.optional("channels")?.integer(in: 4...4096) ?? channels
    multipliers = try section.optional("multipliers")?.integers(in: 1...64, countMax: 8) ?? multipliers
    blocks = try section.optional("blocks")?.integer(in: 1...16) ?? blocks
    attention = try section.optional("attention")?.integers(in: 1...4096, countMax: 8, isEmptyAllowed: true) ?? []
    crossAttention =
      try section.optional("crossAttention")?.integers(in: 1...4096, countMax: 8, isEmptyAllowed: true) ?? []
    headWidth = try section.optional("headWidth")?.integer(in: 1...1024) ?? headWidth
    scaleShift = try section.optional("scaleShift")?.flag() ?? scaleShift
    residualResampling = try section.optional("residualResampling")?.flag() ?? residualResampling
    groups = try section.groups(dividing: channels, default: groups)
    try section.checkHeads(headWidth, channels, multipliers)
  }
}

extension EfficientUNetSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    channels = try section.optional("channels")?.integer(in: 4...4096) ?? channels
    multipliers = try section.optional("multipliers")?.integers(in: 1...64, countMax: 8) ?? multipliers
    let field = section.optional("blocks")
    blocks = try field?.integers(in: 1...64, countMax: 8) ?? multipliers.indices.map { 1 << min($0, 3) }
    if let field, blocks.count != multipliers.count {
      throw field.error(.conflict, "needs one number for each of the \(multipliers.count) multipliers")
    }
    attention = try section.optional("attention")?.integers(in: 1...4096, countMax: 8, isEmptyAllowed: true) ?? []
    crossAttention =
      try section.optional("crossAttention")?.integers(in: 1...4096, countMax: 8, isEmptyAllowed: true) ?? []
    headWidth = try section.optional("headWidth")?.integer(in: 1...1024) ?? headWidth
    groups = try section.groups(dividing: channels, default: groups)
    try section.checkHeads(headWidth, channels, multipliers)
  }
}

extension Section {
  /// Groups of channels, of which every level has a whole number in each.
  fileprivate mutating func groups(dividing channels: Int, default usual: Int) throws(SpecificationError) -> Int {
    guard let field = optional("groups") else {
      return (1...min(usual, channels)).last { channels.isMultiple(of: $0) } ?? 1
    }
    let groups = try field.integer(in: 1...4096)
    guard channels.isMultiple(of: groups) else {
      throw field.error(.conflict, "must divide the \(channels) channels; write a divisor of them")
    }
    return groups
  }

  fileprivate mutating func checkHeads(
    _ width: Int, _ channels: Int, _ multipliers: [Int]
  ) throws(SpecificationError) {
    guard let field = optional("headWidth"), !channels.isMultiple(of: width) else { return }
    throw field.error(.conflict, "must divide the \(channels) channels; write a divisor of them")
  }
}

extension Field {
  /// A list of whole numbers.
  func integers(
    in range: ClosedRange<Int>, countMax: Int, isEmptyAllowed: Bool = false
  ) throws(SpecificationError) -> [Int] {
    var numbers: [Int] = []
    for field in try list(countMax: countMax) { numbers.append(try field.integer(in: range)) }
    guard isEmptyAllowed || !numbers.isEmpty else { throw error(.outOfRange, "must have at least one element") }
    return numbers
  }
}
