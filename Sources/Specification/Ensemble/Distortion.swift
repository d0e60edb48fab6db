/// How pictures are changed into those of another domain, of which a network has not learnt: turned, then made paler, then covered
/// with noise.
///
/// Sources: Hendrycks & Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations", ICLR 2019
/// (noise and contrast); Ovadia et al., "Can you trust your model's uncertainty?", NeurIPS 2019 (turned digits).
public struct Distortion: Equatable, Sendable {
  /// Standard deviation of Gaussian noise on every sample, where black is 0 and white is 1.
  public var noise: Double
  /// What the distance of a sample from its picture's mean is multiplied by.
  public var contrast: Double
  /// Degrees by which a picture is turned about its middle, against the clock.
  public var rotation: Double

  /// Creates a distortion.
  public init(noise: Double = 0, contrast: Double = 1, rotation: Double = 0) {
    (self.noise, self.contrast, self.rotation) = (noise, contrast, rotation)
  }
}

extension Distortion: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init(
      noise: try section.optional("noise")?.number(in: 0...2) ?? 0,
      contrast: try section.optional("contrast")?.number(in: 0.01...1) ?? 1,
      rotation: try section.optional("rotation")?.number(in: -180...180) ?? 0)
  }
}
