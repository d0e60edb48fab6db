import Tensors
import Testing

/// Convolutions of 3 × 3 and norms with SiLU take a shorter way where they are channels-last and in single precision. In
/// double precision they never do, so that one can be held against the other.
@Suite struct FastLayerTests {
  /// Images, inputs, outputs, height, width: whole and broken blocks of channels and tiles, and the smallest image.
  static let shapes = [
    [3, 64, 32, 8, 12], [2, 16, 48, 2, 2], [5, 80, 16, 6, 4], [1, 272, 32, 4, 2], [2, 32, 64, 32, 32],
  ]

  @Test(arguments: shapes)
  func outputsAndGradientsAreThoseOfTheSum(shape: [Int]) throws {
    let key = RandomKey(seed: 9)
    let (images, inputs, outputs) = (shape[0], shape[1], shape[2])
    let fan = Double(9 * inputs).squareRoot()
    let x = try Tensor.normals(key: key.purpose("x"), shape: [images, inputs, shape[3], shape[4]]).channelsLast()
    let weight = try Tensor.normals(key: key.purpose("weight"), shape: [outputs, inputs, 3, 3]) / fan
    let bias = try Tensor.normals(key: key.purpose("bias"), shape: [outputs])
    let pull = try Tensor.normals(key: key.purpose("pull"), shape: [images, outputs, shape[3], shape[4]])
    func results(_ type: DataType) throws -> [Tensor] {
      let leaves = try [x, weight, bias].map { try $0.converted(to: type).tracked() }
      let y = try leaves[0].convolved(weight: leaves[1], bias: leaves[2], padding: 1)
      return try [y] + gradient(of: (y * pull.converted(to: type)).sum(), withRespectTo: leaves)
    }
    for (fast, exact) in zip(try results(.float32), try results(.float64)) {
      let error = try (fast.converted(to: .float64) - exact).abs().maximum().scalar()
      #expect(try error < 2e-6 * exact.abs().maximum().scalar())
    }
  }

  @Test func imagesAreConvolvedAloneAsInABatch() throws {
    let key = RandomKey(seed: 10)
    let x = try Tensor.normals(key: key.purpose("x"), shape: [7, 32, 8, 8]).channelsLast()
    let weight = try Tensor.normals(key: key.purpose("weight"), shape: [32, 32, 3, 3])
    let together = try x.convolved(weight: weight, padding: 1).narrowed(start: 4, length: 1)
    let alone = try x.narrowed(start: 4, length: 1).convolved(weight: weight, padding: 1)
    #expect(try together.array(of: Float.self) == alone.array(of: Float.self))
  }

  /// Images, channels, groups, height, width.
  static let norms = [[3, 64, 32, 8, 6], [2, 48, 3, 3, 5], [1, 16, 8, 2, 2]]

  @Test(arguments: norms)
  func theFusedNormIsItsParts(shape: [Int]) throws {
    let key = RandomKey(seed: 12)
    let (images, channels) = (shape[0], shape[1])
    let x = try (Tensor.normals(key: key.purpose("x"), shape: [images, channels, shape[3], shape[4]]) * 2 + 1)
      .channelsLast()
    let shift = try Tensor.normals(key: key.purpose("shift"), shape: [images, channels])
    let weight = try Tensor.normals(key: key.purpose("weight"), shape: [channels])
    let bias = try Tensor.normals(key: key.purpose("bias"), shape: [channels])
    let pull = try Tensor.normals(key: key.purpose("pull"), shape: x.shape)
    func results(_ type: DataType) throws -> [Tensor] {
      let leaves = try [x, shift, weight, bias].map { try $0.converted(to: type).tracked() }
      // In double precision the operations are taken one by one.
      let y = try leaves[0].groupNormalizedSiLU(
        shift: leaves[1], groups: shape[2], weight: leaves[2], bias: leaves[3], epsilon: 1e-2)
      return try [y] + gradient(of: (y * pull.converted(to: type)).sum(), withRespectTo: leaves)
    }
    for (fast, exact) in zip(try results(.float32), try results(.float64)) {
      let error = try (fast.converted(to: .float64) - exact).abs().maximum().scalar()
      #expect(try error < 1e-5 * (1e-2 + exact.abs().maximum().scalar()))
    }
  }

  /// Images, inputs, outputs, height, width, padding: whole and broken blocks of images and groups of channels; zeros that
  /// make the image smaller, keep it and make it larger.
  static let pools = [[33, 1, 6, 28, 28, 2], [16, 6, 16, 14, 14, 0], [3, 8, 7, 6, 10, 1], [1, 2, 32, 12, 8, 4]]

  @Test(arguments: pools)
  func aPooledConvolutionIsItsParts(shape: [Int]) throws {
    let key = RandomKey(seed: 13)
    let (inputs, outputs) = (shape[1], shape[2])
    let x = try Tensor.normals(key: key.purpose("x"), shape: [shape[0], inputs, shape[3], shape[4]])
    let weight = try Tensor.normals(key: key.purpose("weight"), shape: [outputs, inputs, 5, 5]) / 5
    let bias = try Tensor.normals(key: key.purpose("bias"), shape: [outputs])
    func results(_ type: DataType, _ x: Tensor) throws -> [Tensor] {
      let leaves = try [x, weight, bias].map { try $0.converted(to: type).tracked() }
      // In double precision the operations are taken one by one.
      let y = try leaves[0].convolvedAndPooled(weight: leaves[1], bias: leaves[2], padding: shape[5])
      let pull = try Tensor.normals(key: key.purpose("pull"), shape: y.shape, type: type)
      return try [y] + gradient(of: (y * pull).sum(), withRespectTo: leaves)
    }
    let exact = try results(.float64, x)
    for images in [x, try x.channelsLast()] {
      for (fast, exact) in zip(try results(.float32, images), exact) {
        let error = try (fast.converted(to: .float64) - exact).abs().maximum().scalar()
        #expect(try error < 1e-5 * exact.abs().maximum().scalar())
      }
    }
    let alone = try x.narrowed(start: 0, length: 1).convolvedAndPooled(weight: weight, bias: bias, padding: shape[5])
    let together = try x.convolvedAndPooled(weight: weight, bias: bias, padding: shape[5])
    #expect(try together.narrowed(start: 0, length: 1).array(of: Float.self) == alone.array(of: Float.self))
    let broken = try (x * Double.nan).convolvedAndPooled(weight: weight, bias: bias, padding: shape[5])
    #expect(try broken.array(of: Float.self).allSatisfy(\.isNaN))
  }
}
