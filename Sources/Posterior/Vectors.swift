import Foundation

// Loops over vectors that kernels spend their own time in. Lengths are equal by construction; they are checked once, not at
// every element.

/// y += a x
func addScaled(_ a: Double, _ x: [Double], to y: inout [Double]) {
  precondition(x.count == y.count)
  x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      for i in x.indices { y[i] += a * x[i] }
    }
  }
}

/// y += a (w ∘ x), the product element by element.
func addScaled(_ a: Double, _ w: [Double], _ x: [Double], to y: inout [Double]) {
  precondition(x.count == y.count && w.count == y.count)
  w.withUnsafeBufferPointer { w in
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for i in x.indices { y[i] += a * w[i] * x[i] }
      }
    }
  }
}

/// Σ xᵢ yᵢ
func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count)
  return x.withUnsafeBufferPointer { x in
    y.withUnsafeBufferPointer { y in dot(x[...], y[...]) }
  }
}

/// Σ xᵢ yᵢ of stretches of equal length, in four partial sums that the processor can add at once.
func dot(_ x: Slice<UnsafeBufferPointer<Double>>, _ y: Slice<UnsafeBufferPointer<Double>>) -> Double {
  precondition(x.count == y.count)
  let (x, y) = (UnsafeBufferPointer(rebasing: x), UnsafeBufferPointer(rebasing: y))
  var sums = SIMD4<Double>.zero
  let whole = x.count & ~3
  for i in stride(from: 0, to: whole, by: 4) {
    let a = SIMD4<Double>(x[i], x[i + 1], x[i + 2], x[i + 3])
    let b = SIMD4<Double>(y[i], y[i + 1], y[i + 2], y[i + 3])
    sums += a * b
  }
  var sum = sums.sum()
  for i in whole..<x.count { sum += x[i] * y[i] }
  return sum
}

/// Σ wᵢ xᵢ yᵢ
func dot(_ w: [Double], _ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count && w.count == y.count)
  return w.withUnsafeBufferPointer { w in
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        var sum = 0.0
        for i in x.indices { sum += w[i] * x[i] * y[i] }
        return sum
      }
    }
  }
}

/// x + y
func sum(_ x: [Double], _ y: [Double]) -> [Double] {
  var result = y
  addScaled(1, x, to: &result)
  return result
}
