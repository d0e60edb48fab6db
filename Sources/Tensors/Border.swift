import CTorch

/// Calls into libtorch: `body` is given where to put the message and returns the status.
package func checked(
  _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
) throws(TensorError) {
  var message: UnsafeMutablePointer<CChar>?
  guard body(&message) != 0 else { return }
  defer { ctorch_message_free(message) }
  throw TensorError(.operationFailed, message.map { String(cString: $0) } ?? "libtorch gave no reason")
}

/// As `checked`, for a call that hands out a tensor.
func produced(
  _ body: (
    UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32
) throws(TensorError) -> Tensor {
  var handle: OpaquePointer?
  try checked { body(&handle, $0) }
  guard let handle else { throw TensorError(.operationFailed, "libtorch returned no tensor") }
  return Tensor(owning: handle)
}

/// Sets how many threads one operation of libtorch may use, in the whole process.
///
/// With one thread results are the same bits in every process on the same type of machine.
/// - Throws: `TensorError` if `count` is below 1.
public func setThreadCount(_ count: Int) throws(TensorError) {
  try checked { ctorch_set_thread_count(Int32(clamping: count), $0) }
}

/// Has this process keep up to 128 MB that tensors no longer need, for the next step.
///
/// Else the system takes them back at the end of a step and has them cleared for the next one, page by page.
public func keepFreedMemory() { ctorch_keep_freed_memory() }
