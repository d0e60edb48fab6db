/// Foreign text made fit for a message: quoted, in one line, and cut.
public func shown(_ text: some StringProtocol) -> String { "\"" + oneLine(text, limit: 60) + "\"" }

/// Foreign text without control characters, which could forge a line of a log, and cut after so many characters.
public func oneLine(_ text: some StringProtocol, limit: Int) -> String {
  let scalars = text.unicodeScalars.prefix(limit + 1)
  let visible = scalars.prefix(limit).map { $0.properties.generalCategory == .control ? "\u{fffd}" : String($0) }
  return visible.joined() + (scalars.count > limit ? "…" : "")
}
