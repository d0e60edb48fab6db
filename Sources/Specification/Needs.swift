/// What every task of a job needs of the worker that runs it.
public struct Needs: Codable, Equatable, Sendable {
  /// Cores; a task computes with as many threads.
  public var cores: Int
  /// Memory, in bytes.
  public var memory: Int
  /// Kind of processor, such as `cpu` or `cuda`; any if absent.
  public var device: String?
  /// Words that the worker must have been given.
  public var labels: [String]

  /// Creates needs.
  public init(cores: Int = 1, memory: Int = 0, device: String? = nil, labels: [String] = []) {
    self.cores = cores
    self.memory = memory
    self.device = device
    self.labels = labels
  }

  /// Whether a text can be a label or device: up to 63 of letters, digits, `-`, `.`, `_` and `=`.
  public static func isLabel(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._=".utf8.contains(byte)
      }
  }
}

extension Needs: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    cores = try section.optional("cores")?.integer(in: 1...4096) ?? cores
    memory = try section.optional("memory")?.bytes() ?? memory
    device = try section.optional("device")?.label()
    for field in try section.optional("labels")?.list(countMax: 32) ?? [] { labels.append(try field.label()) }
  }
}

extension Field {
  fileprivate func label() throws(SpecificationError) -> String {
    let text = try text()
    guard Needs.isLabel(text) else {
      throw error(.outOfRange, "\(quoted(text)) is no label; labels are up to 63 of letters, digits, -, ., _ and =")
    }
    return text
  }

  fileprivate func bytes() throws(SpecificationError) -> Int {
    let text = try text()
    guard let size = ByteCount(text) else { throw wrongType("an amount such as 512MiB or 8GiB") }
    return size.bytes
  }
}
