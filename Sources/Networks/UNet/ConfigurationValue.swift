import Formats

/// A value that a member of a JSON configuration can have.
protocol ConfigurationValue: Equatable, Sendable {
  init?(json: JSON)
  var json: JSON { get }
  /// What the value has to be, for messages.
  static var expectation: String { get }
}

extension Int: ConfigurationValue {
  init?(json: JSON) {
    guard case .integer(let value) = json else { return nil }
    self = value
  }
  var json: JSON { .integer(self) }
  static var expectation: String { "a whole number" }
}

extension Double: ConfigurationValue {
  init?(json: JSON) {
    switch json {
    case .integer(let value): self = Double(value)
    case .number(let value): self = value
    default: return nil
    }
  }
  var json: JSON { Int(exactly: self).map(JSON.integer) ?? .number(self) }
  static var expectation: String { "a number" }
}

extension Bool: ConfigurationValue {
  init?(json: JSON) {
    guard case .bool(let value) = json else { return nil }
    self = value
  }
  var json: JSON { .bool(self) }
  static var expectation: String { "true or false" }
}

extension Optional: ConfigurationValue where Wrapped: ConfigurationValue {
  init?(json: JSON) {
    if json == .null {
      self = .none
    } else {
      guard let value = Wrapped(json: json) else { return nil }
      self = .some(value)
    }
  }
  var json: JSON { self?.json ?? .null }
  static var expectation: String { "\(Wrapped.expectation), or null" }
}

extension Array: ConfigurationValue where Element: ConfigurationValue {
  init?(json: JSON) {
    guard case .array(let elements) = json else { return nil }
    let values = elements.compactMap(Element.init(json:))
    guard values.count == elements.count else { return nil }
    self = values
  }
  var json: JSON { .array(map(\.json)) }
  static var expectation: String { "a list, each of it \(Element.expectation)" }
}

extension PerLevel: ConfigurationValue where Value: ConfigurationValue {
  init?(json: JSON) {
    if let value = Value(json: json) {
      self = .all(value)
    } else {
      guard let values = [Value](json: json) else { return nil }
      self = .each(values)
    }
  }
  var json: JSON {
    switch self {
    case .all(let value): value.json
    case .each(let values): values.json
    }
  }
  static var expectation: String { "\(Value.expectation), or a list of such" }
}

/// Names of a closed list.
protocol ConfigurationChoice: ConfigurationValue, RawRepresentable<String>, CaseIterable {}

extension ConfigurationChoice {
  init?(json: JSON) {
    guard case .string(let name) = json else { return nil }
    self.init(rawValue: name)
  }
  var json: JSON { .string(rawValue) }
  static var expectation: String {
    "one of " + allCases.map(\.rawValue).joined(separator: ", ") + " (others are not built)"
  }
}

extension Nonlinearity: ConfigurationChoice {}
extension UNetConfiguration.TimeEmbedding: ConfigurationChoice {}
extension UNetConfiguration.ClassEmbedding: ConfigurationChoice {}
extension UNetConfiguration.TimeScaleShift: ConfigurationChoice {}
extension UNetConfiguration.Resampler: ConfigurationChoice {}
extension UNetConfiguration.CrossAttentionNorm: ConfigurationChoice {}
extension UNetConfiguration.DownBlockType: ConfigurationChoice {}
extension UNetConfiguration.UpBlockType: ConfigurationChoice {}
extension UNetConfiguration.MiddleBlockType: ConfigurationChoice {}
extension UNetConfiguration.AdditionEmbedding: ConfigurationChoice {}
extension UNetConfiguration.EncoderProjection: ConfigurationChoice {}
