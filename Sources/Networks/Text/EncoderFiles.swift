import Formats

/// The configuration of an encoder, a JSON object in which each key is of one type.
struct EncoderConfiguration {
  let file: String
  private let members: [String: JSON]

  init(_ bytes: some Collection<UInt8>, file: String) throws(NetworkError) {
    self.file = file
    do {
      guard case .object(let members) = try JSON(bytes: bytes) else {
        throw NetworkError(.textEncoder, "\(file) is not a JSON object")
      }
      self.members = members
    } catch let error as NetworkError {
      throw error
    } catch { throw NetworkError(.textEncoder, "\(file): \(error)") }
  }

  func integer(_ key: String, default standard: Int? = nil, in range: ClosedRange<Int>) throws(NetworkError) -> Int {
    switch members[key] {
    case .integer(let value) where range.contains(value): return value
    case nil, .null:
      if let standard { return standard }
      throw NetworkError(.textEncoder, "\(file): \(key) is missing")
    default:
      throw NetworkError(
        .textEncoder, "\(file): \(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  func number(_ key: String, default standard: Double) throws(NetworkError) -> Double {
    switch members[key] {
    case .number(let value) where value > 0: value
    case .integer(let value) where value > 0: Double(value)
    case nil: standard
    default: throw NetworkError(.textEncoder, "\(file): \(key) must be a number above 0")
    }
  }

  func text(_ key: String, default standard: String) throws(NetworkError) -> String {
    switch members[key] {
    case .string(let value): value
    case nil, .null: standard
    default: throw NetworkError(.textEncoder, "\(file): \(key) must be a text")
    }
  }

  func flag(_ key: String, default standard: Bool) throws(NetworkError) -> Bool {
    switch members[key] {
    case .bool(let value): value
    case nil, .null: standard
    default: throw NetworkError(.textEncoder, "\(file): \(key) must be true or false")
    }
  }
}
