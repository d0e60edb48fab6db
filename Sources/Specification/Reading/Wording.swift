/// Foreign text made fit for one line of a message: quoted, escaped and cut.
func quoted(_ text: String) -> String {
  let limit = 60
  let shown = text.unicodeScalars.prefix(limit).map { $0.properties.generalCategory == .control ? "�" : String($0) }
  return "\"" + shown.joined() + (text.unicodeScalars.count > limit ? "…" : "") + "\""
}

/// A key of a job file as it appears in a message: bare if it is a short printable word, else quoted.
func keyName(_ key: String) -> String {
  let isPlain = (1...40).contains(key.utf8.count) && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  return isPlain ? key : quoted(key)
}
