import Formats

extension JSON {
  /// Settings as JSON, whatever type they have: a structure is an object, a case is its name or an object with its name for a
  /// key. So nothing that is added to settings can be forgotten where they are written down.
  init(settings value: Any) {
    let mirror = Mirror(reflecting: value)
    switch value {
    case let number as Int: self = .integer(number)
    case let number as Double: self = number.isFinite ? .number(number) : .string(number < 0 ? "-inf" : "inf")
    case let flag as Bool: self = .bool(flag)
    case let text as String: self = .string(text)
    case let range as ClosedRange<Double>:
      self = .array([JSON(settings: range.lowerBound), JSON(settings: range.upperBound)])
    default:
      switch mirror.displayStyle {
      case .optional: self = mirror.children.first.map { JSON(settings: $0.value) } ?? .null
      case .collection: self = .array(mirror.children.map { JSON(settings: $0.value) })
      case .enum: self = Self.choice(value, mirror)
      default: self = .object(Self.members(mirror))
      }
    }
  }

  /// A case of an enumeration, with what it carries.
  private static func choice(_ value: Any, _ mirror: Mirror) -> JSON {
    guard let (label, carried) = mirror.children.first, let label else { return .string("\(value)") }
    let inner = Mirror(reflecting: carried)
    // Several values, or a single one with a name, are a tuple.
    let content = inner.displayStyle == .tuple ? JSON.object(members(inner)) : JSON(settings: carried)
    return .object([label: content])
  }

  private static func members(_ mirror: Mirror) -> [String: JSON] {
    Dictionary(
      mirror.children.compactMap { child in child.label.map { ($0, JSON(settings: child.value)) } },
      uniquingKeysWith: { $1 })
  }
}
