import Foundation
import Formats
import Uncertainty

/// Mean probabilities of an ensemble with the labels that came true, for the test part and, if there is one, the validation part:
/// the content of `predictions.safetensors` in the ensemble's folder.
struct MeanPredictions {
  static let fileName = "predictions.safetensors"
  let test: LabelledPredictions
  let validation: LabelledPredictions?

  func file() throws -> Safetensors {
    var file = Safetensors()
    for (name, part) in [("test", test)] + (validation.map { [("validation", $0)] } ?? []) {
      file["\(name)/probabilities"] = try Safetensors.Tensor(
        part.probabilities, shape: [part.labels.count, part.classes])
      file["\(name)/labels"] = try Safetensors.Tensor(part.labels, shape: [part.labels.count])
    }
    return file
  }
}

extension MeanPredictions {
  /// Reads a file.
  init(_ file: Safetensors) throws {
    func part(_ name: String) throws -> LabelledPredictions {
      let array = try file.tensor("\(name)/probabilities")
      guard array.shape.count == 2 else { throw FormatError(.safetensors, "the file holds no mean predictions") }
      return try LabelledPredictions(
        probabilities: array.doubles(), classes: array.shape[1], labels: file.tensor("\(name)/labels").integerValues())
    }
    self.init(test: try part("test"), validation: file["validation/labels"] == nil ? nil : try part("validation"))
  }
}

extension LabelledPredictions {
  /// Logarithms of the probabilities of the true classes.
  var logDensities: [Double] { labelProbabilities.map { log(max($0, Self.probabilityMin)) } }
}
