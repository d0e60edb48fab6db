import Tensors
import Testing

/// Convolutions, norms with SiLU, linear layers and attention take a shorter way where sizes and layouts fit and numbers are
/// single precision. In double precision they never do, so that one can be held against the other.
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
    try expect(results(.float32), near: results(.float64))
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

  /// Images, pixels, inputs, outputs: broken blocks of rows and of the depth of products.
  static let projections = [[3, 100, 48, 32], [1, 32, 16, 16], [2, 260, 272, 80]]

  @Test(arguments: projections)
  func aProjectionIsTheProduct(shape: [Int]) throws {
    let key = RandomKey(seed: 13)
    let x = try Tensor.normals(key: key.purpose("x"), shape: [shape[0], shape[1], shape[2]])
    let weight = try Tensor.normals(key: key.purpose("weight"), shape: [shape[3], shape[2]])
    let bias = try Tensor.normals(key: key.purpose("bias"), shape: [shape[3]])
    let pull = try Tensor.normals(key: key.purpose("pull"), shape: [shape[0], shape[1], shape[3]])
    func results(_ type: DataType) throws -> [Tensor] {
      let leaves = try [x, weight, bias].map { try $0.converted(to: type).tracked() }
      let y = try leaves[0].linear(weight: leaves[1], bias: leaves[2])
      return try [y] + gradient(of: (y * pull.converted(to: type)).sum(), withRespectTo: leaves)
    }
    try expect(results(.float32), near: results(.float64))
    let pixels = try x.transposed(1, 2).reshaped(to: [shape[0], shape[2], shape[1], 1]).channelsLast()
    let convolved = try pixels.convolved(weight: weight.reshaped(to: weight.shape + [1, 1]), bias: bias)
    #expect(
      try convolved.reshaped(to: [shape[0], shape[3], shape[1]]).transposed(1, 2).array(of: Float.self)
        == x.linear(weight: weight, bias: bias).array(of: Float.self))
  }

  /// Images, heads, queries, keys, width, values; the last takes its queries in several pieces.
  static let attentions = [[2, 2, 64, 64, 32, 32], [1, 3, 5, 16, 16, 48], [1, 1, 150, 1024, 16, 16]]

  @Test(arguments: attentions)
  func attentionIsItsFormula(shape: [Int]) throws {
    let key = RandomKey(seed: 14)
    func drawn(_ name: String, _ tokens: Int, _ width: Int) throws -> Tensor {
      try Tensor.normals(key: key.purpose(name), shape: [shape[0], tokens, shape[1], width]).transposed(1, 2)
    }
    let inputs = try [
      drawn("q", shape[2], shape[4]), drawn("k", shape[3], shape[4]), drawn("v", shape[3], shape[5]),
    ]
    let pull = try drawn("pull", shape[2], shape[5])
    func results(_ type: DataType) throws -> [Tensor] {
      let leaves = try inputs.map { try $0.converted(to: type).tracked() }
      let y = try Tensor.attention(query: leaves[0], key: leaves[1], value: leaves[2], scale: 0.3)
      return try [y] + gradient(of: (y * pull.converted(to: type)).sum(), withRespectTo: leaves)
    }
    try expect(results(.float32), near: results(.float64))
  }

  @Test func imagesAttendAloneAsInABatch() throws {
    let x = try Tensor.normals(key: RandomKey(seed: 15), shape: [5, 2, 64, 32])
    let one = try x.narrowed(start: 3, length: 1)
    let together = try Tensor.attention(query: x, key: x, value: x).narrowed(start: 3, length: 1)
    let alone = try Tensor.attention(query: one, key: one, value: one)
    #expect(try together.array(of: Float.self) == alone.array(of: Float.self))
  }

  @Test func readiedWeightsGiveTheSameAndKeepTheirNumbers() throws {
    let key = RandomKey(seed: 16)
    let x = try Tensor.normals(key: key.purpose("x"), shape: [2, 32, 8, 8]).channelsLast()
    for kernel in [1, 3] {
      let weight = try Tensor.normals(key: key.purpose("weight"), shape: [48, 32, kernel, kernel]).channelsLast()
      let readied = try weight.readied()
      func convolved(_ weight: Tensor) throws -> [Float] {
        try x.convolved(weight: weight, padding: kernel / 2).array(of: Float.self)
      }
      let before = try convolved(weight)
      #expect(try withoutGradient { try convolved(readied) } == before)
      try blend([weight], towards: [weight * 2], by: 1)
      #expect(try convolved(weight) != before)
      #expect(try withoutGradient { try convolved(readied) } == before)
      #expect(try convolved(readied) == before)
    }
  }

  private func expect(_ fast: [Tensor], near exact: [Tensor]) throws {
    for (fast, exact) in zip(fast, exact) {
      let error = try (fast.converted(to: .float64) - exact).abs().maximum().scalar()
      #expect(try error < 2e-6 * exact.abs().maximum().scalar())
    }
  }
}
