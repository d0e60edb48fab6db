import Networks
import Specification
import Tensors
import Testing

@Suite struct MLPTests {
  /// Outputs of 2-3-2-1 networks with parameters sin(1), sin(2), … at the inputs (½, −1) and (2, ¼), by NumPy:
  ///
  ///     p = np.sin(np.arange(20) + 1.0); h = x; o = 0
  ///     for l, (a, b) in enumerate([(2, 3), (3, 2), (2, 1)]):
  ///         h = h @ p[o:o+a*b].reshape(b, a).T + p[o+a*b:o+a*b+b]; o += (a + 1) * b
  ///         if l < 2: h = f(h)   # np.tanh; max(z, 0); z * (1 + erf(z / √2)) / 2; z / (1 + exp(−z))
  static let goldens: [(Activation, [Double])] = [
    (.tanh, [1.6112907774034544, 1.4699973911372646]), (.relu, [1.0698567489691022, 1.0912254843600835]),
    (.gelu, [1.047421736225867, 1.0451185502520517]), (.silu, [1.1647226639410644, 1.1400651808511169]),
  ]
  static let inputs = [0.5, -1, 2, 0.25]

  static func network(_ activation: Activation) -> MLP {
    MLP(inputs: 2, hidden: [3, 2], outputs: 1, activation: activation)
  }

  static var parameters: [Double] {
    // sin(1), sin(2), … by the addition theorem, which needs no library.
    var (s, c) = (0.0, 1.0)
    return (0..<20).map { _ in
      (s, c) = (s * 0.5403023058681398 + c * 0.8414709848078965, c * 0.5403023058681398 - s * 0.8414709848078965)
      return s
    }
  }

  @Test(arguments: goldens)
  func outputsAgreeWithNumPy(activation: Activation, expected: [Double]) throws {
    let network = Self.network(activation)
    let outputs = try network(Tensor(Self.inputs, shape: [2, 2]), parameters: Tensor(Self.parameters))
    for (index, value) in try outputs.array(of: Double.self).enumerated() {
      #expect(abs(value - expected[index]) < 1e-13)
    }
  }

  @Test func layersLieOneAfterAnother() {
    let network = Self.network(.tanh)
    #expect(network.widths == [2, 3, 2, 1])
    #expect(network.layers.map(\.weightRange) == [0..<6, 9..<15, 17..<19])
    #expect(network.layers.map(\.biasRange) == [6..<9, 15..<17, 19..<20])
    #expect(network.parameterCount == 20)
  }

  @Test func initialWeightsHaveVarianceOneOverInputs() {
    let layer = Dense(inputs: 400, outputs: 100)
    let parameters = layer.initialParameters(key: RandomKey(seed: 2))
    let variance = parameters[layer.weightRange].reduce(0) { $0 + $1 * $1 } / 40_000
    #expect(abs(variance * 400 - 1) < 5 * (2.0 / 40_000).squareRoot())
    #expect(parameters[layer.biasRange].allSatisfy { $0 == 0 })
  }
}
