import Yams

/// A job file that says below `full` what changes when it is run at full size.
///
/// A section of changes is laid over the section it changes, key by key; a list of named sections is laid over the list, name by name,
/// and names that are new come after the others; anything else takes the place of what was there.
struct FullSize {
  private static let key = "full"
  /// The job file without the changes.
  let brief: Node
  /// The job file with the changes; nil if it has none.
  let full: Node?

  init(_ root: Node, file: String) throws(SpecificationError) {
    guard case .mapping(var mapping) = root, let changes = mapping[Node(Self.key)] else {
      (brief, full) = (root, nil)
      return
    }
    guard case .mapping = changes else {
      throw Field(file: file, path: Self.key, line: changes.mark?.line ?? 1, node: changes)
        .wrongType("a section of what changes with --full")
    }
    mapping[Node(Self.key)] = nil
    brief = .mapping(mapping)
    full = Self.laid(changes, over: brief)
  }

  private static func laid(_ change: Node, over base: Node) -> Node {
    switch (change, base) {
    case (.mapping(let changes), .mapping(var mapping)):
      for (key, value) in changes { mapping[key] = mapping[key].map { laid(value, over: $0) } ?? value }
      return .mapping(mapping)
    case (.sequence(let changes), .sequence(var list)) where changes.allSatisfy({ $0["name"] != nil }):
      for change in changes {
        if let place = list.firstIndex(where: { $0["name"]?.string == change["name"]?.string }) {
          list[place] = laid(change, over: list[place])
        } else {
          list.append(change)
        }
      }
      return .sequence(list)
    default: return change
    }
  }
}

extension JobSpecification {
  /// The text of a job file with its changes below `full` taken in: the job at full size.
  /// - Throws: `SpecificationError` with the line in the given text if the file has no such section, or the job is not good.
  public static func fullSize(yaml bytes: some Collection<UInt8>, file: String) throws(SpecificationError) -> String {
    let root = try YAMLText(bytes, file: file).root()
    guard let full = try FullSize(root, file: file).full else {
      throw SpecificationError(
        .missingKey, "missing; say there what changes with --full, such as `full: {chains: 16}`", file: file,
        field: "full")
    }
    _ = try JobSpecification(root: full, file: file)
    do { return try Yams.serialize(node: full) } catch {
      throw SpecificationError(.syntax, "cannot be written with the changes of `full`", file: file, cause: error)
    }
  }
}
