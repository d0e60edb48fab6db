import Formats
import Runtime
import Specification
import Tensors

/// What a frozen encoder makes of captions: the states of each one's tokens, computed once and kept as files of the job.
///
/// A file holds the captions as text (`captions`, one a line), their numbers of tokens (`lengths`) and the states one after the
/// other (`states`, [tokens of all, width], F16: an encoder's own noise is larger than the rounding).
struct CaptionEmbeddings {
  /// Numbers of a token's state.
  private(set) var width = 0
  private var places: [String: (file: Int, start: Int, length: Int)] = [:]
  private var files: [[Float]] = []
  private let tokens: Int

  /// Name of the file of a segment.
  static func file(_ segment: Int) -> String { "captions/\(DrawnPictures.padded(segment)).safetensors" }

  /// Reads all that a job has.
  /// - Parameter tokens: Tokens that a row of a batch is filled up to.
  init(_ task: TaskContext, tokens: Int) throws {
    self.tokens = tokens
    for artifact in task.artifacts where artifact.name.hasPrefix("captions/") {
      try add(try Safetensors(bytes: try task.read(artifact)))
    }
    guard !places.isEmpty else { throw WorkloadError("No task has committed embeddings of captions.") }
  }

  private mutating func add(_ file: Safetensors) throws {
    let states = try file.tensor("states")
    let texts = String(decoding: try file.tensor("captions").bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let lengths = try file.tensor("lengths").integerValues()
    guard states.dtype == .float16, states.shape.count == 2, lengths.count == texts.count,
      lengths.allSatisfy({ (0...4096).contains($0) }), lengths.reduce(0, +) == states.shape[0], states.shape[1] > 0,
      width == 0 || width == states.shape[1]
    else { throw WorkloadError("A file of captions is not what this version writes.") }
    width = states.shape[1]
    var start = 0
    for (text, length) in zip(texts, lengths) {
      places[String(text)] = (files.count, start * width, length)
      start += length
    }
    files.append(
      integers(littleEndian: states.bytes, as: UInt16.self).map { Float(Float16(bitPattern: $0)) })
  }

  /// Writes captions with the states [n, tokens, width] of their tokens, of which each has so many.
  static func encoded(_ captions: [String], _ states: Tensor, lengths: [Int]) throws -> [UInt8] {
    let (row, width) = (states.shape[1] * states.shape[2], states.shape[2])
    let values = try states.contiguous().array(of: Float.self)
    var kept: [UInt16] = []
    for (index, length) in lengths.enumerated() {
      kept += values[index * row..<index * row + length * width].map { Float16($0).bitPattern }
    }
    var file = Safetensors(metadata: ["format": "tributary captions 1"])
    let text = Array(captions.joined(separator: "\n").utf8)
    file["captions"] = try Safetensors.Tensor(dtype: .uint8, shape: [text.count], bytes: text)
    file["lengths"] = try Safetensors.Tensor(lengths)
    file["states"] = try Safetensors.Tensor(
      dtype: .float16, shape: [kept.count / width, width], bytes: littleEndianBytes(of: kept))
    return try file.encoded()
  }

  /// States of captions [n, tokens, width], zero after the last token, and which tokens there are [n, tokens]. A caption
  /// that is nil is the empty one.
  func batch(_ captions: [String?]) throws -> (states: Tensor, mask: Tensor) {
    var states = [Float](repeating: 0, count: captions.count * tokens * width)
    var mask = [Float](repeating: 0, count: captions.count * tokens)
    for (row, caption) in captions.enumerated() {
      guard let place = places[caption ?? ""] else {
        throw WorkloadError("There is no embedding of the caption \"\(caption ?? "")\".")
      }
      let length = min(place.length, tokens)
      states.replaceSubrange(
        row * tokens * width..<(row * tokens + length) * width,
        with: files[place.file][place.start..<place.start + length * width])
      for token in 0..<length { mask[row * tokens + token] = 1 }
    }
    return (
      try Tensor(states, shape: [captions.count, tokens, width]),
      try Tensor(mask, shape: [captions.count, tokens])
    )
  }
}
