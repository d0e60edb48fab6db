import CTorch

/// A program in TorchScript's form, such as `torch.jit.save` writes it: a network made elsewhere, with its weights.
///
/// It is evaluated, never trained. Like a tensor it belongs to one thread at a time.
public final class Script {
  private let handle: OpaquePointer
  private static let outputsMax = 8

  /// Reads the bytes of a file.
  /// - Throws: `TensorError` in libtorch's words if it is none.
  public init(_ bytes: [UInt8]) throws(TensorError) {
    var handle: OpaquePointer?
    try checked { message in
      bytes.withUnsafeBytes { ctorch_script_load($0.baseAddress, Int64($0.count), &handle, message) }
    }
    guard let handle else { throw TensorError(.operationFailed, "libtorch returned no program") }
    self.handle = handle
  }

  deinit { ctorch_script_free(handle) }

  /// What the program's `forward` returns for a tensor: one tensor, or those of a tuple or list, eight at most.
  /// - Throws: `TensorError` in libtorch's words if the input does not fit, or it returns something else.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> [Tensor] {
    var outputs = [OpaquePointer?](repeating: nil, count: Self.outputsMax)
    var count: Int64 = 0
    try checked { ctorch_script_run(handle, input.handle, &outputs, Int64(Self.outputsMax), &count, $0) }
    return outputs.prefix(Int(count)).compactMap { $0.map(Tensor.init(owning:)) }
  }
}
