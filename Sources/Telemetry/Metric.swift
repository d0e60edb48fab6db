/// A figure of a process with all its values, as Prometheus reads it (text exposition format 0.0.4).
public struct Metric: Sendable {
  private enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  /// A line of the page.
  private struct Sample: Sendable {
    let suffix: String
    let labels: String
    let value: String
  }

  /// Without the program's prefix.
  private let name: String
  private let kind: Kind
  private let help: String
  private let samples: [Sample]

  /// What only grows while the process lives; the name ends in `_total`.
  public static func counter(_ name: String, _ help: String, _ value: Double) -> Metric {
    Metric(name: name, kind: .counter, help: help, samples: [sample(value)])
  }

  /// The same, told apart by a label.
  public static func counter(_ name: String, _ help: String, by label: String, _ values: [(String, Int)]) -> Metric {
    Metric(name: name, kind: .counter, help: help, samples: values.map { sample(Double($1), label, $0) })
  }

  /// What goes up and down.
  public static func gauge(_ name: String, _ help: String, _ value: Double) -> Metric {
    Metric(name: name, kind: .gauge, help: help, samples: [sample(value)])
  }

  /// The same, told apart by a label.
  public static func gauge(_ name: String, _ help: String, by label: String, _ values: [(String, Double)]) -> Metric {
    Metric(name: name, kind: .gauge, help: help, samples: values.map { sample($1, label, $0) })
  }

  /// Durations.
  public static func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> Metric {
    var total = 0
    let ends = Histogram.bounds.map { "\($0)" } + ["+Inf"]
    let buckets = zip(ends, histogram.counts).map { end, count in
      total += count
      return Sample(suffix: "_bucket", labels: "{le=\"\(end)\"}", value: "\(total)")
    }
    let sums = [
      Sample(suffix: "_sum", labels: "", value: text(histogram.sum)),
      Sample(suffix: "_count", labels: "", value: "\(total)"),
    ]
    return Metric(name: name, kind: .histogram, help: help, samples: buckets + sums)
  }

  private static func sample(_ value: Double, _ label: String? = nil, _ of: String = "") -> Sample {
    let escaped = of.reduce(into: "") {
      $0 += $1 == "\\" ? "\\\\" : $1 == "\"" ? "\\\"" : $1 == "\n" ? "\\n" : String($1)
    }
    return Sample(suffix: "", labels: label.map { "{\($0)=\"\(escaped)\"}" } ?? "", value: text(value))
  }

  private static func text(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? (value.isFinite ? "\(value)" : value > 0 ? "+Inf" : "NaN")
  }

  /// The lines of the page.
  func text(prefix: String) -> String {
    let name = prefix + name
    let lines = samples.map { "\(name)\($0.suffix)\($0.labels) \($0.value)\n" }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines.joined()
  }
}
