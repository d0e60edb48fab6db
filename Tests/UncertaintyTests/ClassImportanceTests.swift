import Testing
import Uncertainty

@Suite struct ClassImportanceTests {
  @Test func rareAndUncertainClassesCountMore() throws {
    let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2]
    let rarity = try ClassImportance(rarityOf: labels, classes: 4)
    // 10 / (3 classes × n).
    #expect(agree(try rarity.weights(power: 1, labels: labels), [10.0 / 18, 10.0 / 9, 10.0 / 3, 0]))
    let root = try rarity.weights(power: 0.5, labels: labels)
    #expect(agree([root[1] / root[0], root[2] / root[0]], [2.squareRoot(), 6.squareRoot()]))
    #expect(abs(labels.reduce(0) { $0 + root[$1] } - 10) < 1e-12)
    #expect(try rarity.weights(power: 0, labels: labels) == [1, 1, 1, 1])
    // Means 0.1, 0.2 and 0.6: with the counts 6, 3, 1 the sum over inputs is 1.8. Nothing is known of the last class.
    let uncertainties = [0.05, 0.15, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.6]
    let unsure = try ClassImportance(uncertainties: uncertainties, labels: labels, classes: 4)
    #expect(agree(unsure.values, [0.1, 0.2, 0.6, 0.18]))
    #expect(agree(try unsure.weights(power: 1, labels: labels), [0.1, 0.2, 0.6, 0.18].map { $0 * 10 / 1.8 }))
    let more = try unsure.weights(power: 1, labels: labels + [3, 3])
    #expect(abs((labels + [3, 3]).reduce(0) { $0 + more[$1] } - 12) < 1e-12)
    let sure = try ClassImportance(uncertainties: [0, 0], labels: [0, 1], classes: 2)
    #expect(try sure.weights(power: 0.5, labels: [0, 1, 1]) == [1, 1])
    #expect(throws: UncertaintyError.self) { try ClassImportance(rarityOf: [0, 4], classes: 4) }
    #expect(throws: UncertaintyError.self) { try ClassImportance(uncertainties: [0.1], labels: [0, 1], classes: 2) }
  }

  @Test func theLeastUncertainAreChosenInTheirOrder() {
    #expect(leastUncertain([0.3, 0.1, 0.2, 0.1, 0.4], share: 0.6) == [1, 2, 3])
    #expect(leastUncertain([0.2, 0.2, 0.2, 0.2], share: 0.5) == [0, 1])
    #expect(leastUncertain([0.2, 0.1], share: 0.1) == [])
    #expect(leastUncertain([0.2, 0.1], share: 1) == [0, 1])
  }
}
