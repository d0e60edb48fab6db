import Foundation
import Testing
import Uncertainty

@Suite struct ScoreTests {
  @Test func classificationAgreesWithScikitLearn() throws {
    let golden = try Golden.load().classification
    let predictions = try LabelledPredictions(
      probabilities: golden.probabilities, classes: 3, labels: golden.labels)
    #expect(abs(predictions.accuracy - golden.accuracy) < 1e-12)
    #expect(abs(predictions.negativeLogLikelihood - golden.negativeLogLikelihood) < 1e-12)
    #expect(abs(predictions.brierScore - golden.brierScore) < 1e-12)
  }

  /// Five inputs by hand: confidences 0.6 right, 0.6 wrong, 0.8 right, 0.9 right, 1 wrong.
  @Test func calibrationByHand() throws {
    let predictions = try LabelledPredictions(
      probabilities: [0.6, 0.4, 0.4, 0.6, 0.8, 0.2, 0.1, 0.9, 1, 0], classes: 2, labels: [0, 0, 0, 1, 1])
    let wide = try ReliabilityDiagram(predictions, bins: .equalWidth(5))
    #expect(wide.bins.map(\.count) == [0, 0, 2, 1, 2])
    #expect(agree(wide.bins.map(\.accuracy), [0, 0, 0.5, 1, 0.5]))
    #expect(abs(wide.expectedCalibrationError - (2 * 0.1 + 0.2 + 2 * 0.45) / 5) < 1e-12)
    #expect(abs(wide.maximumCalibrationError - 0.45) < 1e-12)
    let even = try ReliabilityDiagram(predictions, bins: .equalMass(2))
    #expect(even.bins.map(\.count) == [3, 2])
    #expect(even.bins.map(\.range) == [0.6...0.8, 0.9...1])
    #expect(abs(even.expectedCalibrationError - (3 * 0.0 + 2 * 0.45) / 5) < 1e-12)
    #expect(try ReliabilityDiagram(predictions, bins: .equalMass(9)).bins.count == 5)
    #expect(throws: UncertaintyError.self) { try ReliabilityDiagram(predictions, bins: .equalWidth(0)) }
  }

  @Test func detectionAgreesWithScikitLearn() throws {
    for golden in try Golden.load().detections {
      let detection = try OutlierDetection(inside: golden.inside, outside: golden.outside)
      #expect(abs(detection.areaUnderROC - golden.areaUnderROC) < 1e-12)
      #expect(abs(detection.averagePrecisionOutside - golden.averagePrecisionOutside) < 1e-12)
      #expect(abs(detection.averagePrecisionInside - golden.averagePrecisionInside) < 1e-12)
      #expect(abs(detection.falsePositiveRateAt95 - golden.falsePositiveRateAt95) < 1e-12)
    }
    #expect(throws: UncertaintyError.self) { try OutlierDetection(inside: [], outside: [1]) }
    #expect(throws: UncertaintyError.self) { try OutlierDetection(inside: [.nan], outside: [1]) }
  }

  @Test func mostUncertainDecisionsAreRefusedFirst() throws {
    let selective = try SelectivePrediction(uncertainties: [3, 1, 2, 2], losses: [1, 0, 1, 0])
    // The two in the middle are tied: either may come first.
    #expect(agree(selective.risks, [0, 0.25, 1.0 / 3, 0.5]))
    #expect(agree([selective.areaUnderRiskCoverage], [(0.25 + 1.0 / 3 + 0.5) / 4]))
    #expect(try selective.accuracy(atCoverage: 0.5) == 0.75)
    #expect(try selective.risk(atCoverage: 0.51) == selective.risks[2])
    #expect(try selective.risk(atCoverage: 1) == 0.5)
    #expect(throws: UncertaintyError.self) { try selective.risk(atCoverage: 0) }
    let reversed = try SelectivePrediction(uncertainties: [2, 2, 1, 3], losses: [0, 1, 0, 1])
    #expect(reversed == selective)
  }

  @Test func tenthsOfInputsAreWholeInputs() throws {
    let selective = try SelectivePrediction(
      uncertainties: (0..<1000).map(Double.init), losses: (0..<1000).map { $0 < 700 ? 0 : 1 })
    for tenth in 1...7 { #expect(try selective.risk(atCoverage: Double(tenth) / 10) == 0) }
  }

  @Test func badPredictionsAreRefused() {
    #expect(throws: UncertaintyError.self) {
      try LabelledPredictions(probabilities: [0.5, 0.5], classes: 2, labels: [2])
    }
    #expect(throws: UncertaintyError.self) {
      try LabelledPredictions(probabilities: [0.5, 0.5, 1], classes: 2, labels: [0])
    }
    #expect(throws: UncertaintyError.self) {
      try LabelledPredictions(probabilities: [3, -2], classes: 2, labels: [0])
    }
  }
}
