import Formats
import Store

/// How a stage of a cascade has learnt: its losses by step, and at the end by noise.
struct StageCurves {
  private let training: JSONLines?
  private let validation: JSONLines?
  private let names: (training: String, validation: String)

  /// Bands of noise as σ / α, in the words of the figures, from little to much.
  private static let bands = ["<0.1", "0.1-0.3", "0.3-1", "1-3", "3-10", ">10"]
  /// Parts of the training over which figures by noise are averaged.
  private static let windows = 60

  init(_ stage: String, _ files: JobFiles) throws(StoreError) {
    names = ("stages/\(stage)/metrics.jsonl", "stages/\(stage)/validation.jsonl")
    training = try JSONLines(names.training, of: files)
    validation = try JSONLines(names.validation, of: files)
  }

  var markup: Markup {
    let remarks = (training?.remark(names.training) ?? []) + (validation?.remark(names.validation) ?? [])
    let charts =
      (training.map { [loss($0), lossByNoise($0), gradient($0)] } ?? []) + (validation.map { [lossAtEnd($0)] } ?? [])
    return Markup(remarks + [.gallery(charts.filter(\.hasPoints).map(\.figure))])
  }

  private func loss(_ lines: JSONLines) -> Chart {
    let points = lines.points("step", "loss")
    return chart(
      "Training loss", "step", points,
      [
        Chart.Mark(.line(Chart.thinned(points)), .reference, "as logged", .thin),
        Chart.Mark(.line(Self.averaged(points)), .series(0), "mean over a sixtieth of the steps"),
      ])
  }

  private func gradient(_ lines: JSONLines) -> Chart {
    let points = lines.points("step", "gradientNorm")
    return chart("Norm of the gradient", "step", points, [Chart.Mark(.line(Chart.thinned(points)), .series(0))])
  }

  private func lossByNoise(_ lines: JSONLines) -> Chart {
    var all: [Chart.Point] = []
    let marks = Self.bands.enumerated().map { number, band in
      let points = Self.averaged(
        lines.records.compactMap { record in
          guard let step = record["step"]?.number, case .object(let losses)? = record["lossByNoise"],
            let loss = losses[band]?.number
          else { return nil }
          return Chart.Point(step, loss)
        })
      all += points
      return Chart.Mark(.line(points), .series(number), band.replacing("-", with: "–"), .series(number))
    }
    return chart("Training loss by noise σ/α", "step", all, marks)
  }

  private func lossAtEnd(_ lines: JSONLines) -> Chart {
    let points = lines.points("noise", "loss")
    return chart(
      "Loss on held-out pictures by noise", "noise, from least to most", points,
      [Chart.Mark(.line(points), .series(0)), Chart.Mark(.points(points), .series(0))])
  }

  private func chart(_ title: String, _ x: String, _ points: [Chart.Point], _ marks: [Chart.Mark]) -> Chart {
    let (low, high) = (points.map(\.x).min() ?? 0, points.map(\.x).max() ?? 1)
    return Chart(
      title: title, x: Axis(x, over: min(low, 0)...max(high, low)),
      y: Axis("", covering: points.map(\.y), scale: .logarithmic), marks: marks)
  }

  /// Means over parts of like length.
  static func averaged(_ points: [Chart.Point]) -> [Chart.Point] {
    guard points.count > 2 * windows else { return points }
    return (0..<windows).map { window in
      let piece = points[window * points.count / windows..<(window + 1) * points.count / windows]
      let count = Double(piece.count)
      return Chart.Point(piece.reduce(0) { $0 + $1.x } / count, piece.reduce(0) { $0 + $1.y } / count)
    }
  }
}
