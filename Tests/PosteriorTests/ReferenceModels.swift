import Foundation
import Posterior
import Specification
import Testing

/// The numbers of a `data.json`.
struct ReferenceData {
  private let values: [String: Any]

  init(contentsOf url: URL) throws {
    values = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
  }

  func column(_ name: String) throws -> [Double] {
    try #require(values[name] as? [NSNumber], "no column \(name)").map(\.doubleValue)
  }

  func rows(_ name: String) throws -> [[Double]] {
    try #require(values[name] as? [[NSNumber]], "no matrix \(name)").map { $0.map(\.doubleValue) }
  }

  func integer(_ name: String) throws -> Int {
    try #require(values[name] as? NSNumber, "no number \(name)").intValue
  }
}

/// A density and how its positions read as the reference's parameters.
struct ReferenceModel {
  let density: any LogDensity
  let parameters: ([Double]) -> [String: Double]

  /// The models this suite knows, by posteriordb's names. N(m, s) has deviation s, HC is the half-Cauchy.
  static let known: [String: @Sendable (ReferenceData) throws -> ReferenceModel] = [
    // kid_score ~ N(b1 + b2 mom_iq, σ), σ ~ HC(2.5)
    "kidscore_momiq": { data in
      try regression(
        [data.column("mom_iq")], data.column("kid_score"),
        LinearConfiguration(coefficientScale: nil, noise: .halfCauchy(scale: 2.5)))
    },
    // kid_score ~ N(b1 + b2 mom_hs + b3 mom_iq + b4 mom_hs mom_iq, σ), σ ~ HC(2.5)
    "kidscore_interaction": { data in
      let (highSchool, iq) = try (data.column("mom_hs"), data.column("mom_iq"))
      return try regression(
        [highSchool, iq, zip(highSchool, iq).map(*)], data.column("kid_score"),
        LinearConfiguration(coefficientScale: nil, noise: .halfCauchy(scale: 2.5)))
    },
    // log earn ~ N(b1 + b2 height, σ), all flat
    "logearn_height": { data in
      try regression([data.column("height")], data.column("earn").map { log($0) }, flat)
    },
    // log weight ~ N(b1 + b2 log diam1 + … + b7 group, σ), all flat
    "logmesquite": { data in
      let logarithms = try ["diam1", "diam2", "canopy_height", "total_height", "density"].map { name in
        try data.column(name).map { log($0) }
      }
      return try regression(logarithms + [data.column("group")], data.column("weight").map { log($0) }, flat)
    },
    // partyid7 ~ N(b1 + b2 real_ideo + b3 race_adj + b4…6 [age = 2…4] + b7 educ1 + b8 gender + b9 income, σ), all flat
    "nes": { data in
      let age = try data.column("age_discrete")
      let ages = [2.0, 3, 4].map { group in age.map { $0 == group ? 1.0 : 0 } }
      return try regression(
        [data.column("real_ideo"), data.column("race_adj")] + ages
          + [data.column("educ1"), data.column("gender"), data.column("income")], data.column("partyid7"), flat)
    },
    // y ~ N(X b, σ), b ~ N(0, 10), σ ~ N(0, 10) cut to σ > 0
    "blr": { data in
      let rows = try data.rows("X")
      let density = try LinearRegression(
        inputs: rows.flatMap { $0 }, rows: rows.count, columns: #require(rows.first).count, targets: data.column("y"),
        configuration: LinearConfiguration(coefficientScale: 10, noise: .halfNormal(scale: 10)), intercept: false)
      return ReferenceModel(density: density) { named(density, $0) }
    },
    // y_t ~ N(α + Σ_k β_k y_t−k, σ), α and β ~ N(0, 10), σ ~ HC(2.5)
    "arK": { data in
      let (y, lags) = try (data.column("y"), data.integer("K"))
      let columns = (1...lags).map { lag in Array(y[(lags - lag)..<(y.count - lag)]) }
      let density = try regression(
        columns, Array(y[lags...]), LinearConfiguration(coefficientScale: 10, noise: .halfCauchy(scale: 2.5)))
      return ReferenceModel(density: density.density) { position in
        let parameters = density.parameters(position)
        var renamed = ["alpha": parameters["beta[1]"] ?? .nan, "sigma": parameters["sigma"] ?? .nan]
        for lag in 1...lags { renamed["beta[\(lag)]"] = parameters["beta[\(lag + 1)]"] }
        return renamed
      }
    },
    "eight_schools_noncentered": { data in
      let density = try EightSchools(effects: data.column("y"), errors: data.column("sigma"))
      return ReferenceModel(density: density, parameters: density.parameters)
    },
  ]

  private static let flat = LinearConfiguration(coefficientScale: nil, noise: .flat)

  /// A regression with an intercept on columns of predictors.
  private static func regression(
    _ columns: [[Double]], _ targets: [Double], _ configuration: LinearConfiguration
  ) throws -> ReferenceModel {
    let inputs = targets.indices.flatMap { row in columns.map { $0[row] } }
    let density = try LinearRegression(
      inputs: inputs, rows: targets.count, columns: columns.count, targets: targets, configuration: configuration)
    return ReferenceModel(density: density) { named(density, $0) }
  }

  private static func named(_ density: LinearRegression, _ position: [Double]) -> [String: Double] {
    var result = ["sigma": density.noiseScale(at: position)]
    for (index, beta) in density.coefficients(at: position).enumerated() { result["beta[\(index + 1)]"] = beta }
    return result
  }
}

/// θ_j = μ + τ z_j, y_j ~ N(θ_j, s_j), z_j ~ N(0, 1), μ ~ N(0, 5), τ ~ HC(5); a position is (z, μ, log τ).
struct EightSchools: LogDensity {
  let effects: [Double]
  let errors: [Double]

  var dimensions: Int { effects.count + 2 }

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    let count = effects.count
    let (mu, tau) = (position[count], exp(position[count + 1]))
    let square = tau * tau / 25
    var value = -mu * mu / 50 - log1p(square) + position[count + 1]
    gradient[count] = -mu / 25
    gradient[count + 1] = 1 - 2 * square / (1 + square)
    for j in 0..<count {
      let z = position[j]
      let residual = (effects[j] - mu - tau * z) / errors[j]
      value -= (residual * residual + z * z) / 2
      gradient[j] = residual / errors[j] * tau - z
      gradient[count] += residual / errors[j]
      gradient[count + 1] += residual / errors[j] * tau * z
    }
    return value
  }

  func parameters(at position: [Double]) -> [String: Double] {
    let (mu, tau) = (position[effects.count], exp(position[effects.count + 1]))
    var result = ["mu": mu, "tau": tau]
    for j in effects.indices { result["theta[\(j + 1)]"] = mu + tau * position[j] }
    return result
  }
}
