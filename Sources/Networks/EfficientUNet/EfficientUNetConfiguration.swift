/// What an Efficient U-Net is made of (Saharia et al. 2022, appendix B).
public struct EfficientUNetConfiguration: Equatable, Codable, Sendable {
  /// Channels of the input: the noisy image, and the image of lower resolution that was made larger.
  public var inChannels = 6
  /// Channels of the output.
  public var outChannels = 3
  /// Channels of each resolution, from the highest.
  public var channels: [Int]
  /// Residual blocks of each resolution, down as well as up: most stand where pixels are few.
  public var blocks: [Int]
  /// Resolutions, counted from 0 as the highest, whose pixels attend to each other.
  public var attentionLevels: Set<Int> = []
  /// Resolutions whose pixels attend to the text.
  public var textLevels: Set<Int> = []
  /// Width of an attention head.
  public var headWidth = 64
  /// Groups of the norms.
  public var groups = 32
  /// Width of the text tokens; nil: the network knows no text.
  public var textWidth: Int?
  /// Whether the network is told the noise level of the image of lower resolution.
  public var knowsNoiseLevel = true

  /// Makes a configuration without attention and text.
  public init(channels: [Int], blocks: [Int]) {
    (self.channels, self.blocks) = (channels, blocks)
  }

  /// Imagen's network from 64 to 256 pixels: attention at the lowest resolution only.
  public static func superResolution256(textWidth: Int) -> Self {
    var configuration = Self(channels: [128, 256, 512, 1024], blocks: [2, 4, 8, 8])
    (configuration.attentionLevels, configuration.textLevels, configuration.textWidth) = ([3], [3], textWidth)
    return configuration
  }

  /// Imagen's network from 256 to 1024 pixels: pixels attend to the text alone, so that it can be trained on crops.
  public static func superResolution1024(textWidth: Int) -> Self {
    var configuration = superResolution256(textWidth: textWidth)
    configuration.attentionLevels = []
    return configuration
  }

  /// Checks that the parts fit together.
  /// - Throws: `NetworkError` naming the setting and what to do.
  public func validate() throws(NetworkError) {
    let levels = channels.count
    try require(
      levels > 0 && blocks.count == levels, "blocks", "needs a number for each of `channels`, of which one is needed")
    let sizes = channels + blocks + [inChannels, outChannels, headWidth, groups, textWidth ?? 1]
    try require(sizes.allSatisfy { (1...65_536).contains($0) }, "channels", "and other sizes have to be 1 to 65536")
    try require(channels.allSatisfy { $0 % groups == 0 }, "groups", "\(groups) has to divide each of \(channels)")
    let attending = attentionLevels.union(textLevels)
    try require(
      attending.allSatisfy(channels.indices.contains), "attentionLevels", "and textLevels count from 0 to \(levels - 1)"
    )
    try require(
      attending.allSatisfy { channels[$0] % headWidth == 0 }, "headWidth", "\(headWidth) has to divide the channels")
    try require(textLevels.isEmpty || textWidth != nil, "textWidth", "is needed to attend to text")
  }

  private func require(_ holds: Bool, _ key: String, _ problem: String) throws(NetworkError) {
    guard holds else { throw NetworkError(.configuration, "`\(key)` \(problem)") }
  }
}
