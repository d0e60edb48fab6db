/// A function of the project that meets bytes from elsewhere, with what must hold whatever they are.
///
/// It may refuse them with an error. It may not crash, hang, take much memory, or accept what it cannot write again.
public struct FuzzTarget: Sendable {
  /// Names it on the command line, and its file in `Corpus`.
  public let name: String
  /// Words of its language, which mutations insert.
  public let tokens: [String]
  private let examplesOf: @Sendable () throws -> [[UInt8]]
  private let decode: @Sendable ([UInt8]) throws -> Void

  /// What a decoder made of its input.
  public enum Outcome: Sendable {
    case accepted, refused
  }

  /// Describes a target.
  /// - Parameters:
  ///   - examples: Inputs that our own encoders make, besides those of the corpus.
  ///   - decode: Throws `BrokenPromise` if something does not hold, any other error to refuse the input.
  init(
    _ name: String, tokens: [String], examples: @escaping @Sendable () throws -> [[UInt8]] = { [] },
    decode: @escaping @Sendable ([UInt8]) throws -> Void
  ) {
    self.name = name
    self.tokens = tokens
    examplesOf = examples
    self.decode = decode
  }

  /// Inputs to start from: what our encoders make, and the corpus.
  public func seeds() throws -> [[UInt8]] { try examplesOf() + Corpus.inputs(of: name) }

  /// Decodes bytes.
  /// - Throws: `BrokenPromise`.
  public func take(_ bytes: [UInt8]) throws(BrokenPromise) -> Outcome {
    do {
      try decode(bytes)
      return .accepted
    } catch let broken as BrokenPromise {
      throw broken
    } catch {
      try Self.check(message: "\(error)")
      return .refused
    }
  }

  /// An error becomes a line of a log: it says something, in bounded length, and cannot forge another line.
  private static func check(message: String) throws(BrokenPromise) {
    guard !message.isEmpty else { throw BrokenPromise("the error says nothing") }
    guard message.utf8.count <= 1500 else { throw BrokenPromise("the error has \(message.utf8.count) bytes") }
    guard !message.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
      throw BrokenPromise("the error has control characters: \(message.debugDescription)")
    }
  }
}

/// Something that must hold for every input does not.
public struct BrokenPromise: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Bytes that a function without errors of its own does not take.
struct Refusal: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Breaks the promise unless a condition holds.
func promise(_ condition: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
  guard condition else { throw BrokenPromise(what()) }
}

/// Does what must succeed after the input was accepted.
func promised<Value>(_ what: String, _ body: () throws -> Value) throws(BrokenPromise) -> Value {
  do { return try body() } catch { throw BrokenPromise("\(what) fails: \(error)") }
}
