import CTorch

extension Tensor {
  /// The same numbers, with every operation on them recorded from here on, so that `gradient(of:withRespectTo:)` can
  /// differentiate with respect to them.
  /// - Throws: `TensorError` if the elements are not floating-point numbers.
  public func tracked() throws(TensorError) -> Tensor {
    try produced { ctorch_track(handle, $0, $1) }
  }

  /// The same numbers without the record of their computation: gradients stop here.
  public func detached() throws(TensorError) -> Tensor {
    try produced { ctorch_detach(handle, $0, $1) }
  }
}

/// Gradients of a scalar with respect to tensors it was computed from, by reverse-mode differentiation.
///
/// The record is consumed unless it is kept, as when several scalars of one computation are to be differentiated.
/// - Parameters:
///   - value: one element, computed from the inputs.
///   - inputs: tensors made by `tracked()`, or what was computed from them on the way to `value`.
///   - keepingRecord: whether what was recorded can be differentiated again.
/// - Returns: one gradient an input, of its shape; zeros for an input that `value` does not depend on.
/// - Throws: `TensorError` if `value` is not a scalar or nothing of its computation was recorded.
public func gradient(
  of value: Tensor, withRespectTo inputs: [Tensor], keepingRecord: Bool = false
) throws(TensorError) -> [Tensor] {
  let handles: [OpaquePointer?] = inputs.map(\.handle)
  var gradients = [OpaquePointer?](repeating: nil, count: inputs.count)
  try checked { ctorch_gradient(value.handle, handles, Int64(handles.count), keepingRecord, &gradients, $0) }
  return gradients.compactMap { $0.map(Tensor.init(owning:)) }
}

/// Runs `body` without recording operations for differentiation, on this thread.
public func withoutGradient<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let previous = ctorch_set_recording(false)
  defer { _ = ctorch_set_recording(previous) }
  return try body()
}
