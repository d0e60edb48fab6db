import Formats
import Foundation
import ImageMetrics
import Networks
import Tensors
import Testing

@Suite struct FeatureNetworkTests {
  /// Noisy stripes, upright (class 0) or level (class 1): `[n, 1, 8, 8]`.
  private func stripes(_ count: Int, key: RandomKey) throws -> (images: Tensor, labels: [Int]) {
    let labels = key.purpose("labels").uniforms(count: count).map { $0 < 0.5 ? 0 : 1 }
    let pure = labels.flatMap { label in
      (0..<64).map { pixel in ((label == 0 ? pixel : pixel / 8) / 2).isMultiple(of: 2) ? 1.0 : -1 }
    }
    let noise = try Tensor.normals(key: key.purpose("noise"), shape: [count, 1, 8, 8])
    return (try Tensor(pure, shape: [count, 1, 8, 8]).converted(to: .float32) + noise, labels)
  }

  private let network = FeatureNetwork(channels: 1, resolution: 8, classes: 2, featureWidth: 16)

  private func train(_ training: AdamTraining, through step: Int) throws {
    while training.step < step {
      let batch = try stripes(32, key: RandomKey(seed: 11).folding(in: UInt64(training.step)))
      let labels = try Tensor(batch.labels.map(Int64.init))
      try training.descend { try network.loss(images: batch.images, labels: labels, parameters: $0) }
    }
  }

  @Test func itLearnsClassesAndResumesExactly() throws {
    let training = try network.training(key: RandomKey(seed: 1))
    let test = try stripes(200, key: RandomKey(seed: 12))
    try train(training, through: 12)
    let state = try training.file().encoded()
    try train(training, through: 25)
    let resumed = try AdamTraining(network.parameterShapes, file: Safetensors(bytes: state))
    #expect(resumed.step == 12)
    try train(resumed, through: 25)
    #expect(try resumed.file().encoded() == training.file().encoded())
    #expect(try network.accuracy(images: test.images, labels: test.labels, parameters: training.parameters) > 0.95)
    #expect(throws: (any Error).self) {
      let other = FeatureNetwork(channels: 1, resolution: 8, classes: 3, featureWidth: 16)
      _ = try AdamTraining(other.parameterShapes, file: Safetensors(bytes: state))
    }

    let extractor = network.extractor(parameters: training.parameters)
    let whole = try extractor.describe(test.images)
    let parts = try extractor.describe(count: 200, batchSize: 64) {
      try test.images.narrowed(start: $0.lowerBound, length: $0.count)
    }
    #expect(parts.features.shape == [200, 16])
    #expect(try (whole.features - parts.features).abs().maximum().scalar() < 1e-5)
    #expect(try #require(parts.probabilities).shape == [200, 2])
    #expect(throws: MetricError.self) { try extractor.describe(Tensor.full(0, shape: [1, 1, 9, 9])) }
  }

  /// Pictures of one of 12 colours, and texts that name the colour by a random vector.
  @Test func theProbeFindsTheRightCaption() throws {
    let probe = RetrievalProbe(channels: 3, resolution: 8, textWidth: 20, width: 16)
    let key = RandomKey(seed: 2)
    let colours = try (Tensor.uniforms(key: key.purpose("colours"), shape: [12, 3, 1, 1]) * 2 - 1).expanded(to: [
      12, 3, 8, 8,
    ])
    let captions = try Tensor.normals(key: key.purpose("captions"), shape: [12, 20])
    let training = try probe.training(key: key)
    func accuracy(_ name: String) throws -> Double {
      let noise = try Tensor.normals(key: key.purpose(name), shape: [12, 3, 8, 8]) * 0.1
      return try withoutGradient {
        try retrievalAccuracy(
          images: probe.images(colours + noise, parameters: training.parameters),
          texts: probe.texts(captions, parameters: training.parameters), right: Array(0..<12), candidates: 10, key: key)
      }
    }
    #expect(try accuracy("before") < 0.5)
    for step in 0..<40 as Range<UInt64> {
      let noise = try Tensor.normals(key: key.folding(in: step), shape: [12, 3, 8, 8]) * 0.1
      try training.descend(rate: 3e-3) { try probe.loss(images: colours + noise, texts: captions, parameters: $0) }
    }
    #expect(try accuracy("after") > 0.8)
    #expect(throws: MetricError.self) {
      try retrievalAccuracy(images: captions, texts: captions, right: [0], candidates: 10, key: key)
    }
  }

  @Test func aTorchScriptFileDescribesPictures() throws {
    let folder = try #require(Bundle.module.url(forResource: "Goldens", withExtension: nil))
    let file = try [UInt8](Data(contentsOf: folder.appending(path: "script.pt")))
    let extractor = try ScriptExtractor(file, file: "script.pt", samples: .bytes)
    let samples = (0..<2 * 6 * 6 * 3).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let description = try extractor.describe(Tensor.pictures(samples, height: 6, width: 6, channels: 3))
    let expected = try JSONDecoder().decode(
      [String: [Double]].self, from: Data(contentsOf: folder.appending(path: "script.json")))
    for (name, tensor) in [
      ("features", description.features), ("probabilities", try #require(description.probabilities)),
    ] {
      let values = try tensor.converted(to: .float64).array(of: Double.self)
      #expect(values.count == expected[name]?.count)
      for (value, wanted) in zip(values, expected[name] ?? []) { #expect(abs(value - wanted) < 1e-5, "\(name)") }
    }
    let larger = try ScriptExtractor(file, file: "script.pt", resolution: 9)
    #expect(try larger.describe(Tensor.full(0, shape: [2, 1, 6, 6])).features.shape == [2, 4])
    let error = #expect(throws: MetricError.self) { try ScriptExtractor(Array(file.dropLast(900)), file: "cut.pt") }
    #expect(error?.message.hasPrefix("cut.pt: no TorchScript file") ?? false)
  }
}
