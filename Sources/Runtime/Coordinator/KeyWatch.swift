import Dispatch
import Logging
import Messaging

/// Notices when the list of allowed keys changes while the coordinator runs.
///
/// The list is read again every second, on a queue of its own, and compared with the one in force: that needs no signal, and
/// cannot be misled by clocks or by the ways in which files are replaced. A list that cannot be read changes nothing.
final class KeyWatch {
  private let timer: any DispatchSourceTimer

  /// - Parameter changed: Gets every new list.
  init(_ path: String, inForce: AllowedKeys, changed: Mailbox<AllowedKeys>, _ logger: Logger) {
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "key-watch"))
    var inForce = inForce
    var complaint: String?
    timer.setEventHandler {
      do throws(MessagingError) {
        let list = try AllowedKeys(path: path)
        complaint = nil
        guard list != inForce else { return }
        inForce = list
        changed.post(list)
      } catch {
        // Once for each fault, not once a second.
        guard complaint != error.message else { return }
        complaint = error.message
        logger.error(
          "cannot read the list of allowed keys; the former one stays in force", metadata: ["error": "\(error)"])
      }
    }
    timer.schedule(deadline: .now() + 1, repeating: 1)
    timer.resume()
  }

  deinit { timer.cancel() }
}
