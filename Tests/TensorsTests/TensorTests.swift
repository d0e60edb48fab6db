import Tensors
import Testing

@Suite struct TensorTests {
  @Test func elementsSurviveTheRoundTripInEveryType() throws {
    #expect(try Tensor([1.5, -2] as [Float]).array(of: Float.self) == [1.5, -2])
    #expect(try Tensor([1.5, -2]).array(of: Double.self) == [1.5, -2])
    #expect(try Tensor([.min, .max] as [Int32]).array(of: Int32.self) == [.min, .max])
    #expect(try Tensor([.min, .max] as [Int64]).array(of: Int64.self) == [.min, .max])
    #expect(try Tensor([0, 255] as [UInt8]).array(of: UInt8.self) == [0, 255])
    #expect(try Tensor([] as [Double]).count == 0)
    #expect(try Tensor([0, 3] as [UInt8]).converted(to: .bool).type == .bool)
    #expect(
      try Tensor.full(2.5, shape: [2, 3], type: .float64).array(of: Double.self) == [2.5, 2.5, 2.5, 2.5, 2.5, 2.5])
  }

  @Test func matricesMultiplyAndBroadcast() throws {
    let a = try Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    let b = try Tensor([1.0, 0, 2, -1, 0, 1], shape: [3, 2])
    let bias = try Tensor([10.0, 20])
    #expect(try a.matmul(b).array(of: Double.self) == [5, 1, 14, 1])
    #expect(try Tensor.addmm(bias: bias, a, b).array(of: Double.self) == [15, 21, 24, 21])
    #expect(try (a.matmul(b) + bias).array(of: Double.self) == [15, 21, 24, 21])
    #expect(try (-(bias - 4) * 0.5 / bias).array(of: Double.self) == [-0.3, -0.4])
  }

  @Test func viewsReadInCOrder() throws {
    let a = try Tensor((0..<6).map(Double.init), shape: [2, 3])
    #expect(try a.transposed().array(of: Double.self) == [0, 3, 1, 4, 2, 5])
    #expect(try a.narrowed(dimension: 1, start: 1, length: 2).array(of: Double.self) == [1, 2, 4, 5])
    #expect(try a.reshaped(to: [3, -1]).shape == [3, 2])
    #expect(try a.sum(along: 0).array(of: Double.self) == [3, 5, 7])
    #expect(try a.mean(along: 1, keepingDimension: true).shape == [2, 1])
    #expect(try a.mean().scalar() == 2.5)
  }

  @Test func gradientsAreThoseOfCalculus() throws {
    let x = try Tensor([0.3, -1.2]).tracked()
    let y = try Tensor([2.0, 5]).tracked()
    // d/dx (y x² + eˣ) = 2 x y + eˣ, d/dy = x².
    let value = try (y * x.pow(2) + x.exp()).sum()
    let gradients = try gradient(of: value, withRespectTo: [x, y])
    let dx = try gradients[0].array(of: Double.self)
    #expect(abs(dx[0] - (1.2 + 1.3498588075760032)) < 1e-15)
    #expect(abs(dx[1] - (-12 + 0.30119421191220214)) < 1e-14)
    #expect(try gradients[1].array(of: Double.self) == [0.09, 1.44])
  }

  @Test func nothingIsRecordedWithoutGradient() throws {
    let x = try Tensor([1.0]).tracked()
    let value = try withoutGradient { () throws(TensorError) in try (x * 2).sum() }
    #expect(throws: TensorError.self) { try gradient(of: value, withRespectTo: [x]) }
    let recorded = try (x * 2).sum()
    #expect(try gradient(of: recorded, withRespectTo: [x])[0].scalar() == 2)
  }

  @Test func badArgumentsSayWhatIsWrong() throws {
    let a = try Tensor([1.0, 2, 3], shape: [1, 3])
    let message = { (body: () throws -> Void) in (#expect(throws: TensorError.self, performing: body))?.message ?? "" }
    #expect(message { _ = try a.matmul(a) }.contains("1x3"))
    #expect(message { _ = try a.reshaped(to: [2]) }.contains("invalid for input of size 3"))
    #expect(message { _ = try Tensor([1.0], shape: [2]) }.contains("16 bytes, but 8"))
    #expect(message { _ = try Tensor([1.0], shape: [-1]) }.contains("-1"))
    #expect(message { _ = try a.array(of: Float.self) }.contains("converted(to:)"))
    #expect(message { _ = try a.scalar() }.contains("[1, 3]"))
    #expect(message { _ = try Tensor([1] as [Int32]).tracked() }.contains("floating point"))
    #expect(message { try setThreadCount(0) }.contains("at least 1"))
  }
}
