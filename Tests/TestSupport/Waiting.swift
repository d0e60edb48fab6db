import Glibc

/// Why a test cannot go on.
public struct TestError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// Polls a condition until it gives a value; a test that waits longer has failed.
@discardableResult
public func eventually<Value>(
  _ what: @autoclosure () -> String, within limit: Duration = .seconds(60), _ attempt: () throws -> Value?
) throws -> Value {
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if let value = try attempt() { return value }
    usleep(10_000)
  }
  throw TestError("waited \(limit) in vain for \(what())")
}
