import Tensors

/// What a network declares of one parameter: its name, its shape and how it begins.
public struct ParameterShape: Equatable, Sendable {
  /// The distribution that a parameter begins with.
  public enum Initial: Equatable, Sendable {
    case zeros, ones
    /// Independent normal numbers of mean 0.
    case normal(deviation: Double)
    /// Independent numbers, uniform between −bound and bound.
    case uniform(bound: Double)
    /// 1 or −1 by chance.
    case signs
  }

  /// Path from the network to the parameter, its parts parted by dots.
  public let name: String
  /// Sizes of the dimensions.
  public let shape: [Int]
  /// How it begins.
  public let initial: Initial

  /// Declares a parameter.
  public init(_ name: String, _ shape: [Int], _ initial: Initial) {
    self.name = name
    self.shape = shape
    self.initial = initial
  }

  /// A draw from the initial distribution.
  func draw(key: RandomKey) throws(TensorError) -> Tensor {
    switch initial {
    case .zeros: try Tensor.full(0, shape: shape)
    case .ones: try Tensor.full(1, shape: shape)
    case .normal(let deviation): try Tensor.normals(key: key, shape: shape) * deviation
    case .uniform(let bound): try (Tensor.uniforms(key: key, shape: shape) * 2 - 1) * bound
    case .signs: try (Tensor.uniforms(key: key, shape: shape) * 2).floor() * 2 - 1
    }
  }
}

/// The parameters of a network by name, in the order in which it declares them.
///
/// A network is a value that computes with the parameters it is given, so that the same network serves training, averaged
/// weights and every member of an ensemble. Like tensors a set belongs to one thread.
public final class ParameterSet {
  /// Names in the order of declaration.
  public let names: [String]
  /// Tensors in the same order.
  public let tensors: [Tensor]
  /// The piece of memory that the tensors are views of, if they are laid out so.
  public let flat: Tensor?
  private let places: [String: Int]

  /// Gathers named tensors; a later one of the same name hides an earlier one.
  public convenience init(_ named: [(String, Tensor)]) { self.init(named, flat: nil) }

  private init(_ named: [(String, Tensor)], flat: Tensor?) {
    self.flat = flat
    names = named.map(\.0)
    tensors = named.map(\.1)
    places = Dictionary(zip(names, names.indices)) { $1 }
  }

  /// Draws the initial parameters of a network; each depends on the key and its own name alone.
  /// - Throws: `TensorError` if a shape does not fit into memory.
  public convenience init(_ shapes: [ParameterShape], key: RandomKey) throws(TensorError) {
    var named: [(String, Tensor)] = []
    for shape in shapes { named.append((shape.name, try shape.draw(key: key.purpose(shape.name)))) }
    self.init(named)
  }

  /// Number of numbers in all tensors.
  public var count: Int { tensors.reduce(0) { $0 + $1.count } }

  /// Whether there is a parameter of this name.
  public func has(_ name: String) -> Bool { places[name] != nil }

  /// The parameter of a name.
  /// - Throws: `NetworkError` if there is none.
  public func tensor(_ name: String) throws(NetworkError) -> Tensor {
    guard let place = places[name] else {
      throw NetworkError(.missingParameter, "there is no parameter \(name): the weights belong to another network")
    }
    return tensors[place]
  }

  /// The same numbers as leaves whose gradients are recorded; they share memory with these.
  public func tracked() throws(TensorError) -> ParameterSet {
    var named: [(String, Tensor)] = []
    for (name, tensor) in zip(names, tensors) { named.append((name, try tensor.tracked())) }
    return ParameterSet(named)
  }

  /// A copy in one piece of memory, in which an optimiser can walk through all parameters at once.
  public func flattened() throws(TensorError) -> ParameterSet {
    let (flat, views) = try Tensor.flattened(tensors)
    return ParameterSet(Array(zip(names, views)), flat: flat)
  }

  /// Zeros of the same names, shapes and layouts, in one piece of memory: what momenta begin with.
  public func zeros() throws(TensorError) -> ParameterSet {
    var named: [(String, Tensor)] = []
    for (name, tensor) in zip(names, tensors) { named.append((name, try Tensor.zeros(like: tensor))) }
    return try ParameterSet(named).flattened()
  }

  /// The same numbers with the weights of convolutions channels-last in memory, as networks compute fastest with them.
  public func channelsLast() throws(TensorError) -> ParameterSet {
    var named: [(String, Tensor)] = []
    for (name, tensor) in zip(names, tensors) {
      named.append((name, tensor.shape.count == 4 ? try tensor.channelsLast() : tensor))
    }
    return ParameterSet(named)
  }

  /// A copy for a network that is evaluated many times and not trained: what layers make of their weights is made once.
  public func readied() throws(TensorError) -> ParameterSet {
    var named: [(String, Tensor)] = []
    for (name, tensor) in zip(names, try channelsLast().tensors) {
      named.append((name, tensor.shape.count == 2 || tensor.shape.count == 4 ? try tensor.readied() : tensor))
    }
    return ParameterSet(named)
  }

  /// The parameters of a part of the network.
  public func scope(_ name: String) -> ParameterScope { ParameterScope(self, path: name) }
}

/// A part of a network, seen from which parameters have shorter names.
public struct ParameterScope {
  /// Path from the network to the part.
  public let path: String
  private let parameters: ParameterSet

  init(_ parameters: ParameterSet, path: String) {
    self.parameters = parameters
    self.path = path
  }

  /// A part of the part.
  public func scope(_ name: String) -> ParameterScope { ParameterScope(parameters, path: "\(path).\(name)") }

  /// A numbered part of the part.
  public func scope(_ index: Int) -> ParameterScope { scope(String(index)) }

  /// Whether the part has a parameter of this name.
  public func has(_ name: String) -> Bool { parameters.has("\(path).\(name)") }

  /// The part's parameter of a name.
  /// - Throws: `NetworkError` if there is none.
  public func tensor(_ name: String) throws(NetworkError) -> Tensor { try parameters.tensor("\(path).\(name)") }
}
