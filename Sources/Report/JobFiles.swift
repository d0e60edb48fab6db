import Formats
import Foundation
import Specification
import Store

/// The files of a job's folder, read as they are now: a job that runs may bring more at any moment.
struct JobFiles: Sendable {
  /// The folder, whose files outlive neither it nor the store.
  let folder: JobFolder

  /// Bytes of a file that is read whole, at most.
  private static let bytesMax = 256 << 20

  /// The bytes of a file; nil if there is none.
  /// - Throws: `StoreError` for a file that cannot be read, or a name that leads out of the folder.
  func bytes(_ name: String) throws(StoreError) -> [UInt8]? {
    guard JobFolder.isSafe(name) else {
      throw StoreError(.badName, "\(shown(name)) is not a name inside a job's folder.")
    }
    guard folder.contains(name) else { return nil }
    let size = (try? FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)"))?[.size] as? Int
    guard (size ?? 0) <= Self.bytesMax else {
      throw StoreError(.corrupt, "\(name): more than 256 MiB; it is not shown here.")
    }
    return try DurableFile.read("\(folder.path)/\(name)")
  }

  /// What an evaluation found; nil if it has not ended.
  /// - Throws: `StoreError` for a damaged file.
  func summary<Summary: SummaryFile>(_ type: Summary.Type, in inner: String = "") throws(StoreError) -> Summary? {
    let name = inner.isEmpty ? type.fileName : "\(inner)/\(type.fileName)"
    guard let bytes = try bytes(name) else { return nil }
    do {
      return try Summary(json: bytes)
    } catch {
      throw StoreError(
        .corrupt, "\(name) cannot be read: \(Self.reason(error)). `tributary store check` may say more.", cause: error)
    }
  }

  /// Names in a folder, sorted; none if there is no such folder.
  func names(in inner: String) -> [String] {
    guard JobFolder.isSafe(inner) else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(inner)")) ?? [])
      .filter { !$0.hasSuffix(".part") && !$0.hasPrefix(".") }.sorted()
  }

  /// What is wrong, and where in the file.
  private static func reason(_ error: any Error) -> String {
    let context: DecodingError.Context? =
      switch error {
      case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
        context
      default: nil
      }
    guard let context else { return oneLine("\(error)", limit: 200) }
    let place = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    return oneLine((place.isEmpty ? "" : "\(place): ") + context.debugDescription, limit: 200)
  }
}

/// Lines of JSON objects, as figures are logged.
struct JSONLines {
  /// The objects in order.
  let records: [[String: JSON]]
  /// Lines that are none, besides the last, which may still be written.
  let damaged: Int

  /// Bytes that are read of a log that grows without bound: its end.
  private static let tailBytes = 4 << 20

  init(_ bytes: some Collection<UInt8>) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let parsed = lines.map { line -> [String: JSON]? in
      guard case .object(let members)? = try? JSON(bytes: line) else { return nil }
      return members
    }
    records = parsed.compactMap { $0 }
    damaged = parsed.dropLast().count { $0 == nil }
  }

  /// The lines of a file; nil if there is none.
  init?(_ name: String, of files: JobFiles) throws(StoreError) {
    guard let bytes = try files.bytes(name) else { return nil }
    self.init(bytes)
  }

  /// The last lines of a file; nil if there is none that can be read.
  init?(endOf name: String, of files: JobFiles) {
    guard let handle = FileHandle(forReadingAtPath: "\(files.folder.path)/\(name)"), let size = try? handle.seekToEnd()
    else { return nil }
    defer { try? handle.close() }
    let start = size > Self.tailBytes ? size - UInt64(Self.tailBytes) : 0
    guard (try? handle.seek(toOffset: start)) != nil, let data = try? handle.read(upToCount: Self.tailBytes) else {
      return nil
    }
    let bytes = Array(data)
    // The first line may have lost its beginning.
    self.init(start == 0 ? bytes[...] : bytes.drop { $0 != UInt8(ascii: "\n") })
  }

  /// Points of two figures, wherever a line has both.
  func points(_ x: String, _ y: String) -> [Chart.Point] {
    records.compactMap { record in
      guard let x = record[x]?.number, x.isFinite, let y = record[y]?.number else { return nil }
      return Chart.Point(x, y)
    }
  }

  /// A remark about damaged lines of a file, if there are any.
  func remark(_ name: String) -> [Markup] {
    damaged == 0 ? [] : [.note("\(name): \(damaged) lines cannot be read and are left out.")]
  }
}

extension JSON {
  /// The number that it is, also where JSON has none for it.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .string("nan"): .nan
    default: nil
    }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
}
