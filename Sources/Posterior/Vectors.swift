import CKernels

// Passes over vectors that kernels spend their own time in. Lengths are equal by construction; they are checked once, not at
// every element.

/// y += a x
func addScaled(_ a: Double, _ x: [Double], to y: inout [Double]) {
  precondition(x.count == y.count)
  ckernels_add_scaled(Int64(x.count), a, x, &y)
}

/// y += a (w ∘ x), the product element by element.
func addScaled(_ a: Double, _ w: [Double], _ x: [Double], to y: inout [Double]) {
  precondition(x.count == y.count && w.count == y.count)
  ckernels_add_scaled_product(Int64(x.count), a, w, x, &y)
}

/// y −= a x over a stretch of both.
/// - Returns: Σ xᵢ² over the stretch.
func subtractScaled(_ a: Double, _ x: [Double], from y: inout [Double], over range: Range<Int>) -> Double {
  precondition(x.count == y.count && range.lowerBound >= 0 && range.upperBound <= x.count)
  return x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
      return ckernels_subtract_scaled(Int64(range.count), a, x + range.lowerBound, y + range.lowerBound)
    }
  }
}

/// Σ xᵢ yᵢ
func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count)
  return ckernels_dot(Int64(x.count), x, y)
}

/// Σ xᵢ yᵢ of stretches of equal length.
func dot(_ x: Slice<UnsafeBufferPointer<Double>>, _ y: Slice<UnsafeBufferPointer<Double>>) -> Double {
  precondition(x.count == y.count)
  let (a, b) = (UnsafeBufferPointer(rebasing: x), UnsafeBufferPointer(rebasing: y))
  guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
  return ckernels_dot(Int64(x.count), first, second)
}

/// Σ wᵢ xᵢ yᵢ
func dot(_ w: [Double], _ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count && w.count == y.count)
  return ckernels_weighted_dot(Int64(x.count), w, x, y)
}

/// Whether ρ = x + y points against w ∘ first or w ∘ last: Σ wᵢ ρᵢ firstᵢ ≤ 0, or the same with last.
func turns(_ w: [Double], _ x: [Double], _ y: [Double], first: [Double], last: [Double]) -> Bool {
  precondition(x.count == w.count && y.count == w.count && first.count == w.count && last.count == w.count)
  var products = (0.0, 0.0)
  withUnsafeMutableBytes(of: &products) {
    guard let results = $0.baseAddress?.assumingMemoryBound(to: Double.self) else { return }
    ckernels_turning(Int64(w.count), w, x, y, first, last, results)
  }
  return products.0 <= 0 || products.1 <= 0
}

/// x + y
func sum(_ x: [Double], _ y: [Double]) -> [Double] {
  var result = y
  addScaled(1, x, to: &result)
  return result
}

/// y = a (w ∘ x) + b y, the product element by element.
func addScaled(_ a: Double, _ w: [Double], _ x: [Double], to y: inout [Double], scaledBy b: Double) {
  precondition(x.count == y.count && w.count == y.count)
  w.withUnsafeBufferPointer { w in
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for i in x.indices { y[i] = a * w[i] * x[i] + b * y[i] }
      }
    }
  }
}

/// x / |x|, in place.
func normalize(_ x: inout [Double]) {
  let factor = 1 / dot(x, x).squareRoot()
  x.withUnsafeMutableBufferPointer { x in
    for i in x.indices { x[i] *= factor }
  }
}

/// y = x, into the memory of y.
func copy(_ x: [Double], to y: inout [Double]) {
  precondition(x.count == y.count)
  x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in _ = y.update(from: x) }
  }
}
