import Tensors
import Testing

@Suite struct RandomKeyTests {
  /// Random123's `kat_vectors` for philox4x32, 10 rounds.
  @Test(arguments: [
    (
      SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
      SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func philoxKnownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, answer: SIMD4<UInt32>) {
    #expect(Philox.block(counter, key: key) == answer)
  }

  /// Expected values were made by an independent Philox in Python, with the counters and domains documented in `RandomKey`.
  @Test func derivedDrawsArePinned() {
    let key = RandomKey(seed: 42).folding(in: 7).purpose("momentum")
    #expect(key.bits == 0x769c_cde9_e773_5cd0)
    #expect(
      key.uniforms(count: 4)
        == [0.8732147651747119, 0.6103037138849888, 0.9373620992022124, 0.02085440384183035])
    let expected = [-1.5634917755604336, -1.2984663432158496, 2.333705414302825, 0.3075524659504936]
    for (normal, value) in zip(key.normals(count: 4), expected) { #expect(abs(normal - value) < 1e-14) }
  }

  @Test func aDrawDoesNotDependOnHowManyAreTaken() {
    let key = RandomKey(seed: 1)
    let long = key.uniforms(count: 101)
    #expect(Array(long.prefix(7)) == key.uniforms(count: 7))
    #expect(long == (0..<101).map { key.uniform(at: $0) })
    #expect(Array(key.normals(count: 6).prefix(5)) == key.normals(count: 5))
    #expect(key.normals(count: 0).isEmpty)
  }

  @Test func childrenDifferFromEachOtherAndFromTheParent() {
    let root = RandomKey(seed: 0)
    var keys = (0..<1000).map { root.folding(in: UInt64($0)) }
    keys += (0..<1000).map { root.purpose("\($0)") }
    keys += (0..<1000).map { RandomKey(seed: UInt64($0)) }
    #expect(Set(keys).count == 3000)
    #expect(root.folding(in: 1).folding(in: 2) != root.folding(in: 2).folding(in: 1))
  }

  @Test func momentsAreThoseOfTheDistributions() {
    let count = 400_000
    let key = RandomKey(seed: 3)
    let normals = key.normals(count: count)
    // Standard errors of the first four moments of N(0, 1) are √(1, 2, 15, 96) / √count; five of them are allowed.
    for (power, expected, deviation) in [
      (1, 0.0, 1.0), (2, 1, 2.0.squareRoot()), (3, 0, 15.0.squareRoot()), (4, 3, 96.0.squareRoot()),
    ] {
      let moment =
        normals.reduce(0) { sum, z in sum + (0..<power).reduce(1) { product, _ in product * z } } / Double(count)
      #expect(abs(moment - expected) < 5 * deviation / Double(count).squareRoot())
    }
    let uniforms = key.uniforms(count: count)
    #expect(uniforms.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniforms.reduce(0, +) / Double(count) - 0.5) < 5 / (12 * Double(count)).squareRoot())
  }
}
