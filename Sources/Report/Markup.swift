/// A piece of a page, well-formed as HTML and as XML. Text gets in escaped, whatever a file holds: only names that stand in the
/// source code become elements and attributes.
package struct Markup: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// The piece as it stands in the page.
  package let source: String

  /// Text, as it is to be read.
  init(_ text: String) { source = Self.escaped(text) }

  package init(stringLiteral text: String) { self.init(text) }

  /// One piece after the other.
  init(_ parts: [Markup]) { source = parts.map(\.source).joined() }

  /// An element with what it contains.
  init(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: [Markup] = []) {
    let opening = "<\(name)" + attributes.map { " \($0.key)=\"\(Self.escaped($0.value))\"" }.joined()
    // HTML knows few elements that have no end; all others must have one.
    let isVoid = ["meta", "img"].contains("\(name)")
    source = isVoid ? "\(opening)/>" : "\(opening)>\(content.map(\.source).joined())</\(name)>"
  }

  /// A style sheet, which has no `<` and no `&`.
  static func style(_ sheet: StaticString) -> Markup { Markup(trusted: "<style>\(sheet)</style>") }

  /// A whole page of a root element.
  static func document(_ root: Markup) -> String { "<!DOCTYPE html>\n\(root.source)\n" }

  private init(trusted source: String) { self.source = source }

  private static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // XML has no way to write these.
      case "\u{0}"..."\u{8}", "\u{b}", "\u{c}", "\u{e}"..."\u{1f}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Markup {
  /// What a closure makes, or in its place a note that says why it could not.
  static func attempting(_ body: () throws -> Markup) -> Markup {
    do {
      return try body()
    } catch {
      return note("\(error)")
    }
  }

  /// Something the reader should know.
  static func note(_ text: String) -> Markup { Markup("p", ["class": "note"], [Markup(text)]) }

  static func paragraph(_ text: String) -> Markup { Markup("p", [:], [Markup(text)]) }

  /// Figures side by side, as many as the page is wide.
  static func gallery(_ figures: [Markup]) -> Markup {
    figures.isEmpty ? Markup([]) : Markup("div", ["class": "gallery"], figures)
  }
}
