/// A part of the page below a heading.
struct Part {
  /// The heading.
  var title: String
  var content: [Markup]
  /// Parts of this part.
  var parts: [Part] = []

  fileprivate func markup(id: String, level: Int) -> Markup {
    let heading = level <= 2 ? Markup("h2", [:], [Markup(title)]) : Markup("h3", [:], [Markup(title)])
    let inner = parts.enumerated().map { $1.markup(id: "\(id)-\($0 + 1)", level: level + 1) }
    return Markup("section", ["id": id], [heading] + content + inner)
  }

  fileprivate func link(id: String) -> Markup { Markup("a", ["href": "#\(id)"], [Markup(title)]) }
}

/// A page that needs nothing but itself: it names no other file, and browsers are told to fetch and to run nothing.
struct Page {
  var title: String
  /// What kind of page it is, above the title.
  var kicker: String
  var parts: [Part]

  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

  var html: String {
    let head = Markup(
      "head", [:],
      [
        Markup("meta", ["charset": "utf-8"]),
        Markup("meta", ["http-equiv": "Content-Security-Policy", "content": Self.policy]),
        Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        Markup("title", [:], ["\(title) – Tributary"]), StyleSheet.markup,
      ])
    let header = Markup(
      "header", [:], [Markup("p", ["class": "kicker"], [Markup(kicker)]), Markup("h1", [:], [Markup(title)])])
    let sections = parts.enumerated().map { $1.markup(id: "part-\($0 + 1)", level: 2) }
    let main = Markup("main", [:], [header, contents] + sections)
    return Markup.document(Markup("html", ["lang": "en"], [head, Markup("body", [:], [main])]))
  }

  /// Links to the parts.
  private var contents: Markup {
    let links = parts.enumerated().flatMap { number, part in
      let id = "part-\(number + 1)"
      return [part.link(id: id)] + part.parts.enumerated().map { $1.link(id: "\(id)-\($0 + 1)") }
    }
    return Markup("nav", ["aria-label": "Parts of this page"], links.map { Markup("span", [:], [$0, " "]) })
  }
}
