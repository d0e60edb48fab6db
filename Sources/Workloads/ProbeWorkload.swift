import Foundation
import Runtime
import Specification

/// Tasks that only wait and return bytes: they measure a cluster instead of using it.
struct ProbeWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let specification = try JobSpecification(yaml: task.yaml, file: "\(task.job).yaml")
    guard case .probe(let probe) = specification.work else {
      throw WorkloadError("Job \(task.job) is no probe.")
    }
    for segment in task.segments..<probe.segments {
      if probe.seconds > 0 { Thread.sleep(forTimeInterval: probe.seconds / Double(probe.segments)) }
      try task.commit(
        Self.segment(segment, of: task.index, bytes: probe.bytes, seed: specification.seed),
        isLast: segment == probe.segments - 1)
    }
  }

  /// A result that nobody else has: every eight bytes are a function of the seed, the task, the segment and their place.
  private static func segment(_ segment: Int, of index: Int, bytes: Int, seed: UInt64) -> Segment {
    guard bytes > 0 else { return Segment() }
    var word = seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(segment) &* 0xbf58_476d_1ce4_e5b9
    let result = [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
      for place in 0..<bytes {
        if place % 8 == 0 { word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
        buffer.initializeElement(at: place, to: UInt8(truncatingIfNeeded: word >> UInt64(place % 8 * 8)))
      }
      count = bytes
    }
    return Segment(files: ["samples/\(index)-\(segment).bin": result])
  }
}
