import Foundation
import Glibc
import HostilePeers
import TestSupport

/// What a web server answers to a GET.
struct WebPage {
  let status: Int
  let body: String

  /// - Throws: `TestError` when nobody listens there.
  init(_ path: String, port: UInt16) throws {
    let connection = RawConnections()
    let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try connection.open(port: port, sending: Array(request.utf8))
    let answer = connection.readToEnd()
    guard let end = answer.range(of: "\r\n\r\n"), let status = Int(answer.dropFirst(9).prefix(3)) else {
      throw TestError("no answer to GET \(path), but: \(answer)")
    }
    self.status = status
    body = String(answer[end.upperBound...])
  }
}

/// A page of metrics in Prometheus's text format, read strictly.
struct MetricsPage {
  /// Values by name and labels, such as `tributary_tasks{state="queued"}`.
  let values: [String: Double]

  init(_ text: String) throws {
    var kinds: [String: String] = [:]
    var values: [String: Double] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if let help = line.wholeMatch(of: /# HELP ([a-z_]+) .+\./) {
        guard kinds.updateValue("", forKey: String(help.1)) == nil else { throw TestError("twice: \(line)") }
      } else if let type = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge|histogram)/) {
        guard kinds.updateValue(String(type.2), forKey: String(type.1)) == "" else {
          throw TestError("no help: \(line)")
        }
      } else if let sample = line.wholeMatch(of: /([a-z_]+)((?:\{[a-z]+="(?:[^"\\]|\\.)*"\})?) ([-+0-9.eInf]+)/) {
        let name = String(sample.1)
        let base = kinds[name] == nil ? String(name.prefix(upTo: name.lastIndex(of: "_") ?? name.endIndex)) : name
        let fits =
          kinds[name] == nil ? kinds[base] == "histogram" : (kinds[name] == "counter") == name.hasSuffix("_total")
        guard fits, let value = Double(sample.3), values.updateValue(value, forKey: name + sample.2) == nil else {
          throw TestError("a sample that fits no type: \(line)")
        }
      } else {
        throw TestError("not of the format: \(line)")
      }
    }
    self.values = values
  }

  /// - Throws: `TestError` if the page has no such value.
  func callAsFunction(_ name: String) throws -> Double {
    guard let value = values["tributary_" + name] else { throw TestError("no \(name) in \(values.keys.sorted())") }
    return value
  }
}
