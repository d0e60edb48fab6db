internal import CZeroMQ

/// The C socket: closed once, by its ``Socket``; what else refers to it can see that it is gone.
final class SocketHandle {
  let context: Context
  /// `nil` once closed.
  private(set) var pointer: UnsafeMutableRawPointer?
  /// Keeps the authenticator until after the close: without one libzmq takes everyone.
  private let security: Security

  init(_ context: Context, type: Int32, security: Security) throws(MessagingError) {
    guard let pointer = zmq_socket(context.pointer, type) else { throw .system("Creating a ZeroMQ socket") }
    self.context = context
    self.pointer = pointer
    self.security = security
  }

  deinit { close() }

  func close() {
    guard let pointer else { return }
    self.pointer = nil
    // The close goes on in the background: a monitor whose reader went away meanwhile would block it for ever.
    zmq_socket_monitor(pointer, nil, 0)
    zmq_close(pointer)
  }

  func set(_ option: Int32, _ value: some FixedWidthInteger) throws(MessagingError) {
    try withUnsafeBytes(of: value) { bytes throws(MessagingError) in try set(option, bytes) }
  }

  func set(_ option: Int32, _ value: [UInt8]) throws(MessagingError) {
    let status = value.withUnsafeBytes { zmq_setsockopt(pointer, option, $0.baseAddress, $0.count) }
    guard status == 0 else { throw .system("Setting ZeroMQ option \(option)") }
  }

  private func set(_ option: Int32, _ bytes: UnsafeRawBufferPointer) throws(MessagingError) {
    guard zmq_setsockopt(pointer, option, bytes.baseAddress, bytes.count) == 0 else {
      throw .system("Setting ZeroMQ option \(option)")
    }
  }
}
