/// Asks the kernel about all TCP connections to a port of this process.
///
/// It tries each descriptor, which the kernel gives out from the lowest on: that costs less than keeping a list in step with
/// another thread, and misses none.
struct ConnectionSurvey {
  /// How far a connection is.
  struct Reading {
    let connection: TCPConnection
    /// Bytes the process has read.
    let read: UInt64
    /// Bytes the peer has acknowledged.
    let acknowledged: UInt64
  }

  /// Free descriptors in a row beyond the last known one, after which there are no more.
  private static let gapMax: Int32 = 64

  let port: UInt16
  private var highest: Int32 = 0
  /// Which sockets are connections to the port, by their cookies.
  private var isOfPort: [UInt64: Bool] = [:]

  init(port: UInt16) { self.port = port }

  mutating func take() -> [Reading] {
    var readings: [Reading] = []
    var seen: [UInt64: Bool] = [:]
    var (descriptor, last, gap) = (Int32(0), Int32(0), Int32(0))
    while descriptor <= highest || gap < Self.gapMax {
      switch TCPConnection.look(up: descriptor) {
      case .none: gap += 1
      case .other: (gap, last) = (0, descriptor)
      case .connection(let connection):
        (gap, last) = (0, descriptor)
        let isOurs = isOfPort[connection.cookie] ?? (connection.localPort == port)
        seen[connection.cookie] = isOurs
        if isOurs, let progress = connection.progress {
          readings.append(Reading(connection: connection, read: progress.read, acknowledged: progress.acknowledged))
        }
      }
      descriptor += 1
    }
    (highest, isOfPort) = (last, seen)
    return readings
  }
}
