/// When warm-up learns variances: a fast buffer, slow windows that double, and a fast buffer again.
///
/// Source: Stan reference manual, "HMC algorithm parameters": buffers of 75 and 50 iterations and a first window of 25; a
/// shorter warm-up is split 15 % / 75 % / 10 %; below 20 iterations only the step size is tuned.
package struct WarmUpSchedule: Equatable {
  /// The iterations whose positions are used for variances.
  package let slow: Range<Int>
  /// The last iteration of every window, ascending.
  package let windowEnds: [Int]

  package init(iterations: Int) {
    guard iterations >= 20 else {
      slow = 0..<0
      windowEnds = []
      return
    }
    var (initial, window, final) = (75, 25, 50)
    if initial + window + final > iterations {
      initial = Int(0.15 * Double(iterations))
      final = Int(0.1 * Double(iterations))
      window = iterations - initial - final
    }
    slow = initial..<(iterations - final)
    var ends: [Int] = []
    var start = slow.lowerBound
    while start < slow.upperBound {
      // A window after which no doubled one would fit takes the rest.
      let end = start + 3 * window > slow.upperBound ? slow.upperBound : start + window
      ends.append(end - 1)
      start = end
      window *= 2
    }
    windowEnds = ends
  }
}
