import Foundation
import Glibc

/// One measured figure, printed as one line of JSON.
struct Figure {
  /// What a figure has to reach.
  enum Bar {
    case atLeast(Double)
    case atMost(Double)
  }

  let name: String
  let value: Double
  let unit: String
  var bar: Bar?
  /// How it was measured, or what else came out of the same measurement.
  var note = ""

  func print() {
    var fields = ["\"figure\": \"\(name)\"", "\"value\": \(rounded(value))", "\"unit\": \"\(unit)\""]
    switch bar {
    case .atLeast(let least): fields += ["\"bar\": \"≥ \(least)\"", "\"met\": \(value >= least)"]
    case .atMost(let most): fields += ["\"bar\": \"≤ \(most)\"", "\"met\": \(value <= most)"]
    case nil: break
    }
    if !note.isEmpty { fields.append("\"note\": \"\(note)\"") }
    // Names and notes are ours and hold nothing that JSON escapes.
    FileHandle.standardOutput.write(Data("{\(fields.joined(separator: ", "))}\n".utf8))
  }
}

/// Four significant digits, so that lines are readable.
func rounded(_ value: Double) -> Double { Double(String(format: "%.4g", value)) ?? value }

/// Measured values in order, for medians and tails.
struct Sample {
  private let sorted: [Double]

  init(_ values: [Double]) { sorted = values.sorted() }

  /// The smallest value that a part of all values does not exceed; zero of none.
  func quantile(_ part: Double) -> Double {
    guard let last = sorted.indices.last else { return 0 }
    return sorted[min(last, Int(part * Double(sorted.count)))]
  }

  var median: Double { quantile(0.5) }
  var least: Double { sorted.first ?? 0 }
  var most: Double { sorted.last ?? 0 }
  var count: Int { sorted.count }
}

/// Seconds that some work takes.
func elapsed(_ work: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try work()
  return (ContinuousClock.now - start) / .seconds(1)
}

/// Seconds of the processor, in this thread, that some work takes.
func processorSeconds(_ work: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  let start = now()
  try work()
  return now() - start
}
