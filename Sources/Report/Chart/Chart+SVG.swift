extension Chart {
  /// The chart with its title and legend.
  package var figure: Markup {
    let entries = marks.compactMap { mark in
      mark.name.map { Markup("li", [:], [mark.swatch, Markup($0)]) }
    }
    let legend = entries.isEmpty ? [] : [Markup("ul", ["class": "legend"], entries)]
    return Markup("figure", [:], [Markup("figcaption", [:], ["\(title)"]), drawing] + legend)
  }

  private var drawing: Markup {
    let frame = Frame(self)
    let content = frame.axes + marks.map { frame.drawn($0) }
    return Markup(
      "svg", ["viewBox": "0 0 \(place(Frame.width)) \(place(height))", "role": "img"],
      [Markup("title", [:], [Markup(title)])] + content)
  }
}

extension Chart.Mark {
  /// A sample of the mark for the legend.
  fileprivate var swatch: Markup {
    let sample =
      switch shape {
      case .line: Markup("path", ["class": classes, "d": "M0 5H22"])
      case .area: Markup("path", ["class": classes, "d": "M0 10V2H22V10Z"])
      case .points: Markup("circle", ["class": classes, "cx": "11", "cy": "5", "r": "3"])
      case .boxes: Markup("rect", ["class": classes, "x": "4", "y": "0", "width": "14", "height": "10"])
      }
    return Markup("svg", ["viewBox": "0 0 22 10", "class": "swatch", "aria-hidden": "true"], [sample])
  }

  fileprivate var classes: String {
    let kind =
      switch shape {
      case .line: "line"
      case .area: "area"
      case .points: "dot"
      case .boxes: "box"
      }
    return "\(kind) \(ink.name)" + (stroke == .solid ? "" : " \(stroke.rawValue)")
  }
}

/// Where things are in the drawing of a chart.
private struct Frame {
  static let width = 360.0
  private let chart: Chart
  private let (left, right): (Double, Double)
  private let (top, bottom): (Double, Double)

  init(_ chart: Chart) {
    self.chart = chart
    // About the width of a letter at the size of axes.
    let letters = chart.y.ticks.map(\.label.count).max() ?? 0
    (left, right) = (10 + min(Double(letters), 16) * 6.2, Self.width - 18)
    (top, bottom) = (chart.y.label.isEmpty ? 8 : 22, chart.height - (chart.x.label.isEmpty ? 20 : 34))
  }

  private func x(_ value: Double) -> Double? { chart.x.position(of: value).map { left + $0 * (right - left) } }

  private func y(_ value: Double) -> Double? { chart.y.position(of: value).map { bottom - $0 * (bottom - top) } }

  var axes: [Markup] {
    let across = chart.y.ticks.flatMap { tick -> [Markup] in
      guard let y = y(tick.value) else { return [] }
      return [
        Markup("path", ["class": "grid", "d": "M\(place(left)) \(place(y))H\(place(right))"]),
        text(tick.label, left - 5, y + 3.5, "end"),
      ]
    }
    let along = chart.x.ticks.flatMap { tick -> [Markup] in
      guard let x = x(tick.value) else { return [] }
      return [
        Markup("path", ["class": "axis", "d": "M\(place(x)) \(place(bottom))v4"]),
        text(tick.label, x, bottom + 15, "middle"),
      ]
    }
    let base = Markup("path", ["class": "axis", "d": "M\(place(left)) \(place(bottom))H\(place(right))"])
    let labels = [
      text(chart.y.label, 2, 11, "start"), text(chart.x.label, (left + right) / 2, chart.height - 4, "middle"),
    ]
    return across + along + [base] + labels
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> Markup {
    guard !text.isEmpty else { return Markup([]) }
    return Markup("text", ["x": place(x), "y": place(y), "text-anchor": anchor], [Markup(text)])
  }

  func drawn(_ mark: Chart.Mark) -> Markup {
    switch mark.shape {
    case .line(let points): return Markup("path", ["class": mark.classes, "d": path(points)])
    case .area(let points):
      guard let first = points.first.flatMap({ x($0.x) }), let last = points.last.flatMap({ x($0.x) }) else {
        return Markup([])
      }
      let outline = "M\(place(first)) \(place(bottom))" + path(points).replacing("M", with: "L")
      return Markup("path", ["class": mark.classes, "d": "\(outline)L\(place(last)) \(place(bottom))Z"])
    case .points(let points):
      return Markup(
        points.compactMap { point in
          guard let x = x(point.x), let y = y(point.y) else { return nil }
          return Markup("circle", ["class": mark.classes, "cx": place(x), "cy": place(y), "r": "2.5"])
        })
    case .boxes(let boxes): return Markup(boxes.compactMap { drawn($0, mark.classes) })
    }
  }

  private func path(_ points: [Chart.Point]) -> String {
    var path = ""
    var isOpen = false
    for point in points {
      guard let x = x(point.x), let y = y(point.y) else {
        isOpen = false
        continue
      }
      path += "\(isOpen ? "L" : "M")\(place(x)) \(place(y))"
      isOpen = true
    }
    return path
  }

  private func drawn(_ box: Chart.Box, _ classes: String) -> Markup? {
    guard let x0 = x(box.from.x), let x1 = x(box.to.x), let y0 = y(box.to.y), let y1 = y(box.from.y) else { return nil }
    return Markup(
      "rect",
      [
        "class": classes, "x": place(x0), "y": place(y0), "width": place(max(x1 - x0, 0)),
        "height": place(max(y1 - y0, 0)),
      ], box.title.map { [Markup("title", [:], [Markup($0)])] } ?? [])
  }
}

/// A coordinate to a tenth, without a fraction of zero.
private func place(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  let sign = tenths < 0 ? "-" : ""
  let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
  return sign + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
}
