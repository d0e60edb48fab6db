import Runtime

/// Turns steps into news for people, a few times a second.
struct StepProgress {
  private static let interval = 0.5
  private let phase: String
  private let total: Int
  private var last = ContinuousClock.now
  private var lastDone: Int?

  init(phase: String, total: Int) {
    (self.phase, self.total) = (phase, total)
  }

  /// News after so many steps, if it is time for some.
  mutating func after(_ done: Int, figures: @autoclosure () -> [TaskProgress.Figure] = []) -> TaskProgress? {
    guard let lastDone else {
      (last, self.lastDone) = (ContinuousClock.now, done)
      return nil
    }
    let elapsed = (ContinuousClock.now - last) / .seconds(1)
    guard elapsed >= Self.interval else { return nil }
    defer { (last, self.lastDone) = (ContinuousClock.now, done) }
    return TaskProgress(
      phase: phase, done: done, total: total, rate: Double(done - lastDone) / elapsed, figures: figures())
  }
}
