import Glibc

/// File descriptors this process may have open.
enum DescriptorLimit {
  /// Raises the limit as far as the system lets any process: each connection takes one, and many systems begin with 1,024.
  /// - Returns: The limit.
  @discardableResult
  static func raise() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }
}
