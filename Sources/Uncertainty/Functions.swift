import Foundation

/// log N(x; mean, deviation).
package func normalLogDensity(_ x: Double, mean: Double, deviation: Double) -> Double {
  let z = (x - mean) / deviation
  return -z * z / 2 - log(deviation) - log(2 * Double.pi) / 2
}

/// Φ, the standard normal distribution function.
package func normalCumulative(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

/// log(eᵃ + eᵇ) without overflow.
package func logSumExp(_ a: Double, _ b: Double) -> Double {
  let largest = max(a, b)
  guard largest > -.infinity else { return -.infinity }
  return largest + log1p(exp(min(a, b) - largest))
}

/// log Σ eˣ without overflow; −∞ of nothing.
func logSumExp(_ values: [Double]) -> Double {
  guard let largest = values.max(), largest > -.infinity else { return -.infinity }
  return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}

/// −p log p, which is 0 at p = 0.
func entropyTerm(_ p: Double) -> Double { p > 0 ? -p * log(p) : 0 }

/// log Γ(x) for x > 0.
///
/// Stirling's series from x ≥ 10 on, where eight terms give full precision; below, Γ(x) = Γ(x + 1) / x.
func logGamma(_ x: Double) -> Double {
  var (x, product) = (x, 1.0)
  while x < 10 {
    product *= x
    x += 1
  }
  // B₂ₖ / (2k (2k − 1)), k = 1 … 8 (Abramowitz & Stegun 6.1.41).
  let coefficients: [Double] = [
    1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156, -3617 / 122_400,
  ]
  let series = coefficients.reversed().reduce(0) { $0 / (x * x) + $1 } / x
  return (x - 0.5) * log(x) - x + log(2 * Double.pi) / 2 + series - log(product)
}

/// ψ(x), the derivative of log Γ(x), for x > 0.
///
/// The asymptotic series from x ≥ 10 on; below, ψ(x) = ψ(x + 1) − 1 / x.
func digamma(_ x: Double) -> Double {
  var (x, sum) = (x, 0.0)
  while x < 10 {
    sum -= 1 / x
    x += 1
  }
  // B₂ₖ / 2k, k = 1 … 7 (Abramowitz & Stegun 6.3.18).
  let coefficients: [Double] = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32_760, 1 / 12]
  let series = coefficients.reversed().reduce(0) { ($0 + $1) / (x * x) }
  return sum + log(x) - 1 / (2 * x) - series
}

/// The regularised incomplete beta function I(x; a, b) for x in 0…1.
///
/// The continued fraction of Abramowitz & Stegun 26.5.8, which converges quickly for x < (a + 1) / (a + b + 2); beyond it,
/// I(x; a, b) = 1 − I(1 − x; b, a).
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
  let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)) / a
  // Lentz's method: the fraction as a product of ratios of neighbouring convergents.
  var (numerator, denominator) = (1.0, 1 / (1 - (a + b) * x / (a + 1)))
  var fraction = denominator
  for m in 1...300 {
    let k = Double(m)
    let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
    let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
    for term in [even, odd] {
      denominator = 1 / (1 + term * denominator)
      numerator = 1 + term / numerator
      fraction *= numerator * denominator
    }
    if abs(numerator * denominator - 1) < 1e-15 { break }
  }
  return front * fraction
}
