import Foundation
import FoundationXML
import TestSupport

/// The elements of a text that is well-formed XML, in order.
final class Elements: NSObject, XMLParserDelegate {
  private var all: [(name: String, attributes: [String: String], text: String)] = []
  private var open: [Int] = []

  /// - Throws: `TestError` naming the line if the text is not well-formed.
  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    guard parser.parse() else {
      let reason = parser.parserError.map { "\($0)" } ?? ""
      throw TestError("not well-formed at \(parser.lineNumber):\(parser.columnNumber): \(reason)")
    }
  }

  /// Attributes of all elements of a name.
  func attributes(_ name: String) -> [[String: String]] { all.filter { $0.name == name }.map(\.attributes) }

  /// Texts of all elements of a name, with those within them.
  func texts(_ name: String) -> [String] { all.filter { $0.name == name }.map(\.text) }

  /// Names of all elements.
  var names: Set<String> { Set(all.map(\.name)) }

  /// All attributes of all elements.
  var allAttributes: [(element: String, key: String, value: String)] {
    all.flatMap { element in element.attributes.map { (element.name, $0.key, $0.value) } }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(all.count)
    all.append((name, attributes, ""))
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for index in open { all[index].text += text }
  }
}
