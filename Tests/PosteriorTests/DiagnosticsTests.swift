import Foundation
import Posterior
import Tensors
import Testing

@Suite struct DiagnosticsTests {
  struct Golden: Decodable {
    let name: String
    let chains: [[Double]]
    let rHat: Double?
    let bulkESS: Double
    let tailESS: Double
    let meanError: Double
    let energyFraction: [Double?]
  }

  /// Draws and ArviZ's answers, made by `Goldens/diagnostics.py`.
  static func goldens() throws -> [Golden] {
    let url = try #require(Bundle.module.url(forResource: "Goldens/diagnostics", withExtension: "json"))
    return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
  }

  @Test func agreeWithArviZ() throws {
    func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(1, abs(b)) }
    let goldens = try Self.goldens()
    #expect(goldens.count == 9)
    for golden in goldens {
      let diagnostics = try Diagnostics(chains: golden.chains)
      // ArviZ gives no R-hat for a single chain; split in halves it has one.
      if let rHat = golden.rHat { #expect(agree(diagnostics.rHat, rHat), "\(golden.name)") }
      #expect(agree(diagnostics.bulkESS, golden.bulkESS), "\(golden.name)")
      #expect(agree(diagnostics.tailESS, golden.tailESS), "\(golden.name)")
      #expect(agree(diagnostics.meanError, golden.meanError), "\(golden.name)")
      for (chain, fraction) in zip(golden.chains, golden.energyFraction) {
        let value = Diagnostics.energyFractionOfMissingInformation(energies: chain)
        #expect(fraction.map { agree(value, $0) } ?? value.isNaN, "\(golden.name)")
      }
    }
  }

  @Test func aConstantHasNoRHat() throws {
    #expect(try Diagnostics(chains: [[1, 1, 1, 1], [1, 1, 1, 1]]).rHat.isNaN)
  }

  @Test func drawsThatAreNotFiniteShowAsSuch() throws {
    let diagnostics = try Diagnostics(chains: [[1, 2, .nan, 4], [1, 2, 3, 4]])
    #expect(diagnostics.rHat.isNaN && diagnostics.bulkESS.isNaN && diagnostics.meanError.isNaN)
  }

  @Test(arguments: [[[]], [], [[1, 2, 3]], [[1, 2, 3, 4], [1, 2, 3, 4, 5]]] as [[[Double]]])
  func tooFewDrawsAreRefused(chains: [[Double]]) {
    #expect(throws: PosteriorError.self) { try Diagnostics(chains: chains) }
  }
}
