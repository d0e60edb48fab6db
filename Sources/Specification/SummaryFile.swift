import Formats
import Foundation

/// What an evaluation found, as a file of a job's folder.
public protocol SummaryFile: Codable {
  /// Name of the file in the job's folder.
  static var fileName: String { get }
}

extension SummaryFile {
  /// Reads the file.
  /// - Throws: `DecodingError` if it is of another version, `FormatError` if it is no JSON of ours.
  public init(json: [UInt8]) throws {
    try JSON.checkForeign(json)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(Self.self, from: Data(json))
  }

  /// The file: sorted keys, so that equal summaries are equal bytes.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Array(try encoder.encode(self))
  }
}
