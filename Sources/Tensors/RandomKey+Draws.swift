import CKernels

extension RandomKey {
  /// The uniform number at an index of this key's stream, in [0, 1), of 53 random bits.
  public func uniform(at index: Int = 0) -> Double {
    let pair = uniformPair(UInt64(bitPattern: Int64(index)) >> 1)
    return index & 1 == 0 ? pair.0 : pair.1
  }

  /// The first `count` uniform numbers of this key's stream, in [0, 1).
  public func uniforms(count: Int) -> [Double] {
    fill(count: count, with: uniformPair)
  }

  /// The first `count` standard normal numbers of this key's stream (Box & Muller 1958).
  public func normals(count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let first = buffer.baseAddress { ckernels_normals(bits, Int64(count), first) }
      initialized = count
    }
  }

  /// Overwrites all numbers of an array by the first standard normal ones of this key's stream.
  public func fillWithNormals(_ numbers: inout [Double]) {
    ckernels_normals(bits, Int64(numbers.count), &numbers)
  }

  /// The two uniforms of block `index`.
  private func uniformPair(_ index: UInt64) -> (Double, Double) {
    let words = block(index, domain: .draws)
    return (Self.unit(words[0], words[1]), Self.unit(words[2], words[3]))
  }

  private static func unit(_ low: UInt32, _ high: UInt32) -> Double {
    Double((UInt64(high) << 32 | UInt64(low)) >> 11) * 0x1p-53
  }

  private func fill(count: Int, with pair: (UInt64) -> (Double, Double)) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in stride(from: 0, to: count, by: 2) {
        let (first, second) = pair(UInt64(index / 2))
        buffer.initializeElement(at: index, to: first)
        if index + 1 < count { buffer.initializeElement(at: index + 1, to: second) }
      }
      initialized = count
    }
  }
}
