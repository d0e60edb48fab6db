import Foundation
import Posterior
import Specification
import Tensors
import Testing

/// The example in `LogDensity`'s documentation, word for word.
struct Line: LogDensity {
  let x: [Double], y: [Double]
  let dimensions = 3  // a, b, log σ

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    let (a, b, logSigma) = (position[0], position[1], position[2])
    let weight = exp(-2 * logSigma)
    var value = -a * a / 2 - b * b / 2 - logSigma * logSigma / 2  // standard normal priors
    gradient = [-a, -b, -logSigma]
    for (x, y) in zip(x, y) {
      let residual = y - a - b * x
      value -= residual * residual * weight / 2 + logSigma
      gradient[0] += residual * weight
      gradient[1] += residual * weight * x
      gradient[2] += residual * residual * weight - 1
    }
    return value
  }
}

@Suite struct DocumentedExampleTests {
  @Test func theExampleIsTheDocumentedOne() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Posterior")
    let documentation = try String(contentsOf: sources.appending(path: "Densities/LogDensity.swift"), encoding: .utf8)
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let start = try #require(own.range(of: "struct Line"))
    let end = try #require(own.range(of: "\n}\n", range: start.lowerBound..<own.endIndex))
    let example = own[start.lowerBound..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
    for line in example where !line.isEmpty { #expect(documentation.contains("///     \(line)\n")) }
  }

  @Test func theExampleSamples() throws {
    let x = (0..<40).map { Double($0) / 10 - 2 }
    let noise = RandomKey(seed: 1).normals(count: 40)
    let line = Line(x: x, y: zip(x, noise).map { 0.5 - 1.5 * $0 + 0.2 * $1 })
    #expect(try gradientError(of: line, at: [0.3, -1, -0.5]) < 1e-8)
    var chain = try Chain(line, kernel: .nuts(NUTSConfiguration()), warmUpIterations: 300, key: RandomKey(seed: 2))
    var slope = 0.0
    for _ in 0..<1300 where try !chain.advance().isWarmUp { slope += chain.position[1] / 1000 }
    #expect(abs(slope + 1.5) < 0.1)
  }
}
