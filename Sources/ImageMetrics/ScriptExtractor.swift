import Tensors

/// A feature network from a TorchScript file, such as an Inception of FID's.
///
/// Its `forward` takes pictures and returns features `[n, d]` or `[n, d, 1, 1]`, or a tuple of them with class scores `[n, classes]`.
public final class ScriptExtractor: FeatureExtractor {
  /// The samples that the network is made for.
  public enum Samples: String, CaseIterable, Codable, Sendable {
    /// Numbers from −1 to 1.
    case signed
    /// Numbers from 0 to 1.
    case unit
    /// Whole numbers from 0 to 255, uint8.
    case bytes
  }

  private let script: Script
  private let samples: Samples
  private let resolution: Int?

  /// Reads a file.
  /// - Parameters:
  ///   - samples: What the network takes; it always gets 3 channels.
  ///   - resolution: Pictures are resized to it, bilinear and antialiased, if given.
  /// - Throws: `MetricError.Code.network` if it is no TorchScript file.
  public init(_ bytes: [UInt8], file: String, samples: Samples = .signed, resolution: Int? = nil) throws(MetricError) {
    do { script = try Script(bytes) } catch {
      throw MetricError(.network, "\(file): no TorchScript file that can be read: \(error.message.prefix(300))")
    }
    self.samples = samples
    self.resolution = resolution
  }

  public func describe(_ images: Tensor) throws -> Description {
    var x = images
    if x.shape[1] == 1 { x = try x.expanded(to: [x.shape[0], 3, x.shape[2], x.shape[3]]) }
    if let resolution { x = try x.resized(to: (resolution, resolution), by: .bilinear, antialiased: true) }
    let outputs = try script(sampled(x.contiguous()))
    guard let first = outputs.first, first.shape.count >= 2, first.shape[0] == images.shape[0] else {
      let shapes = outputs.map { "\($0.shape)" }.joined(separator: ", ")
      throw MetricError(.network, "for \(images.shape[0]) pictures the network returns \(shapes), no features of each")
    }
    let features = try first.reshaped(to: [first.shape[0], -1]).converted(to: .float32)
    let scores = outputs.dropFirst().first { $0.shape.count == 2 && $0.shape[0] == images.shape[0] }
    return Description(features: features, probabilities: try scores?.converted(to: .float32).softmax(along: 1))
  }

  private func sampled(_ x: Tensor) throws(TensorError) -> Tensor {
    switch samples {
    case .signed: x
    case .unit: try (x + 1) * 0.5
    case .bytes: try ((x.clamped(from: -1, to: 1) + 1) * 127.5 + 0.5).floor().converted(to: .uint8)
    }
  }
}
