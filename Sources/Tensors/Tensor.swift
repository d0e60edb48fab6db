import CTorch

/// An immutable array of numbers of one type, with a shape, held by libtorch.
///
/// No operation changes a tensor; each returns a new one. Views share memory, which only the functions of `InPlace.swift`
/// and `ChainStep.swift` can make visible: they alone write.
/// A tensor belongs to one thread at a time, so it is not `Sendable`.
public final class Tensor {
  let handle: OpaquePointer

  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { ctorch_tensor_free(handle) }

  /// Makes a tensor of elements in C order (the last dimension varies fastest), copied once.
  /// - Parameters:
  ///   - elements: as many as the product of `shape`.
  ///   - shape: sizes of the dimensions; empty makes a scalar. By default one dimension.
  /// - Throws: `TensorError` if count and shape disagree.
  public convenience init<Element: TensorElement>(_ elements: [Element], shape: [Int]? = nil) throws(TensorError) {
    let handle = try Self.create(elements, shape: shape ?? [elements.count])
    self.init(owning: handle)
  }

  private static func create<Element: TensorElement>(
    _ elements: [Element], shape: [Int]
  ) throws(TensorError) -> OpaquePointer {
    var handle: OpaquePointer?
    let sizes = shape.map(Int64.init)
    try checked { message in
      elements.withUnsafeBytes { bytes in
        ctorch_tensor_create(
          bytes.baseAddress, Int64(bytes.count), Element.dataType.cValue, sizes, Int64(sizes.count), &handle, message)
      }
    }
    guard let handle else { throw TensorError(.operationFailed, "libtorch returned no tensor") }
    return handle
  }

  /// Makes a tensor of one value repeated.
  /// - Throws: `TensorError` if the shape has a negative size or does not fit into memory.
  public static func full(
    _ value: Double, shape: [Int], type: DataType = .float32
  ) throws(TensorError) -> Tensor {
    let sizes = shape.map(Int64.init)
    return try produced { ctorch_tensor_full(value, type.cValue, sizes, Int64(sizes.count), $0, $1) }
  }

  /// Sizes of the dimensions; empty for a scalar.
  public var shape: [Int] {
    (0..<ctorch_tensor_rank(handle)).map { Int(ctorch_tensor_size(handle, $0)) }
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The type of the elements.
  /// - Throws: `TensorError` if libtorch holds a type this layer does not carry.
  public var type: DataType {
    get throws(TensorError) {
      guard let type = DataType(cValue: ctorch_tensor_type(handle)) else {
        throw TensorError(.invalidArgument, "the tensor's type has no Swift counterpart; convert it first")
      }
      return type
    }
  }

  /// The elements in C order, copied once.
  /// - Throws: `TensorError` if the tensor holds another type; see `converted(to:)`.
  public func array<Element: TensorElement>(of element: Element.Type) throws(TensorError) -> [Element] {
    let type = try type
    guard type == Element.dataType else {
      throw TensorError(
        .invalidArgument, "the tensor holds \(type), not \(Element.dataType): convert it with converted(to:)")
    }
    var elements = [Element](repeating: .zero, count: count)
    try checked { message in
      elements.withUnsafeMutableBytes { ctorch_tensor_read(handle, $0.baseAddress, Int64($0.count), message) }
    }
    return elements
  }

  /// The only element as a `Double`.
  /// - Throws: `TensorError` if there is not exactly one element.
  public func scalar() throws(TensorError) -> Double {
    guard count == 1 else {
      throw TensorError(.invalidArgument, "a tensor of shape \(shape) is not a scalar: reduce it with sum() or mean()")
    }
    return try converted(to: .float64).array(of: Double.self)[0]
  }

  /// The same numbers in another type.
  public func converted(to type: DataType) throws(TensorError) -> Tensor {
    try produced { ctorch_tensor_convert(handle, type.cValue, $0, $1) }
  }
}
