import Datasets
import Specification
import Testing

/// Sets made of others: with rare classes, and from another domain.
@Suite struct VariantsTests {
  private static func set(_ labels: [UInt8]) throws -> ImageSet {
    let count = UInt8(labels.count)
    let images = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 1] + [UInt8](repeating: 9, count: labels.count)
    let specification = ImageDataSpecification(source: .idx(images: "i", labels: "l"), channels: 1)
    return try ImageSet(specification, files: ["i": images, "l": [0, 0, 8, 1, 0, 0, 0, count] + labels])
  }

  @Test func classesGrowRarerOneByOne() throws {
    // 40 of each of five classes: 0.01^(k/4) of them, and at least one.
    let set = try Self.set((0..<200).map { UInt8($0 % 5) })
    let kept = set.longTailed(0..<200, imbalance: 0.01, key: 7)
    #expect((0..<5).map { label in kept.count { set.label(at: $0) == label } } == [40, 13, 4, 1, 1])
    #expect(kept == kept.sorted() && Set(kept).count == kept.count)
    #expect(set.longTailed(0..<200, imbalance: 0.01, key: 7) == kept)
    #expect(set.longTailed(0..<200, imbalance: 0.01, key: 8) != kept)
    #expect(set.longTailed(0..<200, imbalance: 1, key: 7) == Array(0..<200))
    #expect(try Self.set([0, 0, 0]).longTailed(1..<3, imbalance: 0.1, key: 7) == [1, 2])
  }

  private static func distorted(
    _ distortion: Distortion, _ samples: [UInt8], width: Int, height: Int, channels: Int = 1
  ) -> [UInt8] {
    distortion(samples, width: width, height: height, channels: channels) { count in
      (0..<count).map { $0.isMultiple(of: 2) ? 1 : -1 }
    }
  }

  @Test func picturesAreTurnedPaledAndCoveredWithNoise() {
    // Against the clock: what was on the right is above.
    let quarter = Self.distorted(Distortion(rotation: 90), [1, 2, 3, 4], width: 2, height: 2)
    #expect(quarter == [2, 4, 1, 3])
    let colours = Self.distorted(Distortion(rotation: 180), [1, 2, 3, 4, 5, 6], width: 2, height: 1, channels: 3)
    #expect(colours == [4, 5, 6, 1, 2, 3])
    #expect(Self.distorted(Distortion(contrast: 0.5), [0, 100, 200, 100], width: 2, height: 2) == [50, 100, 150, 100])
    #expect(Self.distorted(Distortion(noise: 0.2), [0, 0, 255, 255], width: 2, height: 2) == [51, 0, 255, 204])
    // Half way between samples they are interpolated, and beyond the border they are those of the border.
    let half = Self.distorted(Distortion(rotation: 45), [0, 0, 0, 0, 200, 0, 0, 0, 0], width: 3, height: 3)
    #expect(half[4] == 200 && half[0] == 0 && half[1] == half[3] && half[1] > 0 && half[1] < 60)
    let all = Self.distorted(
      Distortion(noise: 0.2, contrast: 0.5, rotation: 90), [0, 100, 200, 100], width: 2, height: 2)
    #expect(all == [151, 49, 101, 99])
  }
}
