/// A chart of two axes and what lies between them.
package struct Chart: Sendable {
  /// What it shows, in a few words.
  var title: String
  var x: Axis
  var y: Axis
  /// What is drawn, the later over the earlier.
  var marks: [Mark]
  /// Height in the units of its fixed width, which are pixels where the page is narrow.
  var height: Double

  package init(title: String, x: Axis, y: Axis, marks: [Mark], height: Double = 220) {
    (self.title, self.x, self.y, self.marks, self.height) = (title, x, y, marks, height)
  }

  /// A place in the units of the axes.
  package struct Point: Equatable, Sendable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// A rectangle in the units of the axes.
  package struct Box: Equatable, Sendable {
    /// Its corners.
    var from: Point
    var to: Point
    /// What it stands for, shown when pointed at.
    var title: String?

    package init(from: Point, to: Point, title: String? = nil) {
      (self.from, self.to, self.title) = (from, to, title)
    }
  }

  /// Something drawn.
  package struct Mark: Sendable {
    var shape: Shape
    var ink: Ink
    /// Name in the legend; nil for none.
    var name: String?
    var stroke: Stroke

    package init(_ shape: Shape, _ ink: Ink, _ name: String? = nil, _ stroke: Stroke = .solid) {
      (self.shape, self.ink, self.name, self.stroke) = (shape, ink, name, stroke)
    }
  }

  package enum Shape: Sendable {
    /// Points joined; interrupted where one is not finite.
    case line([Point])
    /// The space between points joined and the lower end of the chart.
    case area([Point])
    case points([Point])
    case boxes([Box])
  }

  /// A colour by its meaning, which the style sheet gives for light and dark.
  package enum Ink: Equatable, Sendable {
    /// One of several that are told apart by number.
    case series(Int)
    case total, aleatoric, epistemic
    /// What others are compared with.
    case reference

    /// Colours that a series has before they repeat.
    static let count = 6

    /// Class in the style sheet.
    var name: String {
      switch self {
      case .series(let number): "k\(number % Self.count)"
      case .total: "kt"
      case .aleatoric: "k4"
      case .epistemic: "k0"
      case .reference: "kr"
      }
    }
  }

  /// How a line is drawn, so that lines differ by more than colour.
  package enum Stroke: String, CaseIterable, Sendable {
    case solid, dashed, dotted, dashDotted, thin

    /// That of a series.
    static func series(_ number: Int) -> Stroke { [.solid, .dashed, .dotted, .dashDotted][number % 4] }
  }
}

extension Chart {
  /// Whether there is anything to see.
  var hasPoints: Bool {
    marks.contains { mark in
      switch mark.shape {
      case .line(let points), .area(let points), .points(let points): points.contains { $0.x.isFinite && $0.y.isFinite }
      case .boxes(let boxes): !boxes.isEmpty
      }
    }
  }

  /// A histogram's outline: points around boxes of equal width from 0 to `end`.
  static func outline(_ heights: [Double], end: Double) -> [Point] {
    let width = end / Double(max(heights.count, 1))
    return heights.enumerated().flatMap { bin, height in
      [Point(Double(bin) * width, height), Point(Double(bin + 1) * width, height)]
    }
  }

  /// Fewer points that look the same: of each part of a long line the lowest and the highest.
  package static func thinned(_ points: [Point], parts: Int = 300) -> [Point] {
    guard points.count > 4 * parts else { return points }
    return (0..<parts).flatMap { part -> [Point] in
      let piece = points[part * points.count / parts..<(part + 1) * points.count / parts]
      guard let low = piece.indices.min(by: { piece[$0].y < piece[$1].y }),
        let high = piece.indices.max(by: { piece[$0].y < piece[$1].y })
      else { return [] }
      return low < high ? [piece[low], piece[high]] : [piece[high], piece[low]]
    }
  }
}
