import Foundation
import Runtime
import Specification
import Synchronization

/// Tasks that only wait and return bytes: they measure a cluster instead of using it.
final class ProbeWorkload: Workload {
  /// The job file that was read last: to read it again would cost more than the task.
  private let last = Mutex<(yaml: String, specification: JobSpecification)?>(nil)

  func run(_ task: TaskContext) throws {
    let specification = try specification(of: task)
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

  private func specification(of task: TaskContext) throws -> JobSpecification {
    if let last = last.withLock({ $0 }), last.yaml == task.yaml { return last.specification }
    let specification = try task.specification()
    last.withLock { $0 = (task.yaml, specification) }
    return specification
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
