import Foundation
import Tensors
import Testing

/// The operations of networks, on numbers that can be checked by hand.
@Suite struct NetworkOperationsTests {
  @Test func aConvolutionSumsItsNeighbourhood() throws {
    let image = try Tensor((1...9).map(Double.init), shape: [1, 1, 3, 3])
    let kernel = try Tensor.full(1, shape: [1, 1, 3, 3], type: .float64)
    let sums = try image.convolved(weight: kernel, padding: 1)
    #expect(try sums.array(of: Double.self) == [12, 21, 16, 27, 45, 33, 24, 39, 28])
    #expect(
      try image.channelsLast().convolved(weight: kernel, bias: Tensor([1.0]), stride: 2, padding: 1)
        .array(of: Double.self) == [13, 17, 25, 29])
    #expect(try image.averagePooled(size: 3).scalar() == 5)
    #expect(try image.resized(to: (1, 1), by: .area).scalar() == 5)
  }

  @Test func normsHaveMeanZeroAndVarianceOne() throws {
    let x = try Tensor([1.0, 3, 10, 30], shape: [1, 4])
    #expect(try x.groupNormalized(groups: 2, epsilon: 0).array(of: Double.self) == [-1, 1, -1, 1])
    let scaled = try x.layerNormalized(weight: Tensor([2.0, 2, 2, 2]), bias: Tensor([1.0, 1, 1, 1]), epsilon: 0)
    #expect(abs(try scaled.mean().scalar() - 1) < 1e-12)
    #expect(abs(try scaled.variance(alongAll: [-1], unbiased: false).scalar() - 4) < 1e-12)
  }

  @Test func attentionSeesWhatItsMaskAllows() throws {
    let query = try Tensor([1.0, 0], shape: [1, 1, 1, 2])
    let key = try Tensor([2.0, 0, 0, 0], shape: [1, 1, 2, 2])
    let value = try Tensor([1.0, 0], shape: [1, 1, 2, 1])
    let weight = 1 / (1 + Foundation.exp(-2.0))
    #expect(abs(try Tensor.attention(query: query, key: key, value: value, scale: 1).scalar() - weight) < 1e-12)
    let mask = try Tensor([0.0, 1], shape: [1, 1, 1, 2]).converted(to: .bool)
    #expect(try Tensor.attention(query: query, key: key, value: value, mask: mask).scalar() == 0)
  }

  @Test func whatALossDoesNotUseHasGradientZero() throws {
    let (x, y) = (try Tensor([2.0]).tracked(), try Tensor([1.0, 2]).tracked())
    let gradients = try gradient(of: (x * x).sum(), withRespectTo: [x, y])
    #expect(try gradients.map { try $0.array(of: Double.self) } == [[4], [0, 0]])
  }

  /// At step 1 both corrections undo the moments' first weights, so that a parameter moves by the rate times the gradient's sign.
  @Test func theFirstStepOfAdamIsTheRate() throws {
    let (parameter, gradient) = (try Tensor([1.0, 2] as [Float]), try Tensor([0.5, -3] as [Float]))
    let (first, second) = (try Tensor.full(0, shape: [2]), try Tensor.full(0, shape: [2]))
    try adamStep(
      parameters: [parameter], gradients: [gradient], firstMoments: [first], secondMoments: [second], step: 1,
      rate: 0.25, epsilon: 0, decay: 0.5)
    let moved = try parameter.array(of: Float.self)
    #expect(abs(moved[0] - (1 - 0.125 - 0.25)) < 1e-6)
    #expect(abs(moved[1] - (2 - 0.25 + 0.25)) < 1e-6)
    #expect(throws: TensorError.self) {
      try adamStep(parameters: [parameter], gradients: [], firstMoments: [], secondMoments: [], step: 1, rate: 1)
    }
    try blend([parameter], towards: [gradient], by: 1)
    #expect(try parameter.array(of: Float.self) == [0.5, -3])
  }

  /// The kernel behind it walks through memory, so layouts must be reconciled or refused.
  @Test func aStepOfAdamDoesNotDependOnLayouts() throws {
    let key = RandomKey(seed: 3)
    let (start, gradient) = (
      try Tensor.normals(key: key, shape: [2, 3, 2, 2]), try Tensor.normals(key: key.purpose("g"), shape: [2, 3, 2, 2])
    )
    func step(_ parameter: Tensor, _ gradient: Tensor) throws -> [Float] {
      try adamStep(
        parameters: [parameter], gradients: [gradient], firstMoments: [.zeros(like: parameter)],
        secondMoments: [.zeros(like: parameter)], step: 1, rate: 0.1)
      return try parameter.array(of: Float.self)
    }
    let plain = try step(start + 0, gradient)
    #expect(try step(start + 0, gradient.channelsLast()) == plain)
    #expect(try step(start.channelsLast(), gradient) == plain)
    #expect(throws: TensorError.self) {
      let zeros = try Tensor.full(0, shape: [2, 3, 2, 2])
      try adamStep(
        parameters: [start.channelsLast()], gradients: [gradient], firstMoments: [zeros], secondMoments: [zeros],
        step: 1, rate: 0.1)
    }
  }

  @Test func aSymmetricMatrixIsItsEigenvectorsWork() throws {
    let matrix = try Tensor([2.0, 1, 1, 2], shape: [2, 2])
    let (values, vectors) = try matrix.eigenSymmetric()
    #expect(try (values - Tensor([1.0, 3])).abs().maximum().scalar() < 1e-12)
    let again = try (vectors * values).matmul(vectors.transposed())
    #expect(try (again - matrix).abs().maximum().scalar() < 1e-12)
    #expect(try matrix.cholesky().diagonal().squared().sum().scalar() - 3.5 < 1e-12)
  }

  @Test func orderAndSelection() throws {
    let a = try Tensor([3.0, 1, 2, 6, 5, 4], shape: [2, 3])
    #expect(try a.sorted(along: -1).array(of: Double.self) == [1, 2, 3, 4, 5, 6])
    #expect(try a.quantile(0.5, along: 1).array(of: Double.self) == [2, 5])
    #expect(try a.indexOfMaximum(along: 1).array(of: Int64.self) == [0, 0])
    #expect(try a.rows(at: Tensor([1, 1] as [Int64]), along: 1).array(of: Double.self) == [1, 1, 5, 5])
    #expect(try a.permuted([1, 0]).flipped([0]).array(of: Double.self) == [2, 4, 1, 5, 3, 6])
    #expect(try a.clamped(from: 2, to: nil).minimum().scalar() == 2)
    let small = try a.isLess(than: Tensor([3.5]))
    #expect(try Tensor.selecting(a, where: small, otherwise: -a).sum().scalar() == 6 - 15)
    #expect(try Tensor.concatenated([a, a], along: 0).padded([1, 0]).shape == [4, 4])
    #expect(try a.softmax(along: 1).sum(along: 1).array(of: Double.self).allSatisfy { abs($0 - 1) < 1e-12 })
  }
}
