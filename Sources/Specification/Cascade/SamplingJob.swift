import Yams

/// A job that draws with the stages of another cascade: the other's job file with its weights given, nothing to train, and other
/// things to draw.
public struct SamplingJob: Sendable {
  /// Name of the new job.
  public var name: String
  /// Seed of the new job; nil keeps the other's.
  public var seed: UInt64?
  /// What is drawn; nil draws no samples.
  public var samples: SamplesSpecification?
  /// How it is judged; nil judges nothing.
  public var evaluation: EvaluationSpecification?
  /// Guidance of all stages; nil keeps each one's own.
  public var guidance: Double?
  /// Steps of sampling in all stages; nil keeps each one's own.
  public var steps: Int?

  /// Describes a job.
  public init(
    name: String, seed: UInt64? = nil, samples: SamplesSpecification? = nil,
    evaluation: EvaluationSpecification? = nil, guidance: Double? = nil, steps: Int? = nil
  ) {
    (self.name, self.seed, self.samples, self.evaluation) = (name, seed, samples, evaluation)
    (self.guidance, self.steps) = (guidance, steps)
  }

  /// The job file, made from that of the other cascade.
  /// - Parameter weights: What the new job calls the weights of a stage: the path of an input.
  /// - Throws: `SpecificationError` if the other job is no cascade, or its text is damaged.
  public func yaml(from other: String, file: String, weights: (String) -> String) throws(SpecificationError) -> String {
    let specification = try JobSpecification(yaml: other, file: file)
    guard case .cascade = specification.work else {
      throw SpecificationError(.conflict, "the job is no cascade; only cascades draw pictures", file: file)
    }
    var root = try YAMLText(other.utf8, file: file).root()
    root["name"] = Node(name)
    if let seed { root["seed"] = Node("\(seed)", Tag(.int)) }
    root = Self.without(["preview", "samples", "evaluation"], root)
    if let samples { root["samples"] = Self.node(samples) }
    if let evaluation { root["evaluation"] = Self.node(evaluation) }
    guard case .sequence(var stages)? = root["stages"] else { return other }
    for index in stages.indices { stages[index] = stage(stages[index], weights) }
    root["stages"] = .sequence(stages)
    do {
      return try Yams.serialize(node: root, width: -1, allowUnicode: true)
    } catch {
      throw SpecificationError(.unreadable, "the job file cannot be written again", file: file, cause: error)
    }
  }

  private func stage(_ node: Node, _ weights: (String) -> String) -> Node {
    var node = node
    node["weights"] = Node(weights(node["name"]?.string ?? ""))
    node["steps"] = Node("0", Tag(.int))
    guard guidance != nil || steps != nil else { return node }
    var sampling = node["sampling"] ?? Self.section([])
    if let steps { sampling["steps"] = Node("\(steps)", Tag(.int)) }
    if let guidance {
      var section = sampling["guidance"] ?? Self.section([])
      section["scale"] = Node("\(guidance)", Tag(.float))
      sampling["guidance"] = section
    }
    node["sampling"] = sampling
    return node
  }

  private static func without(_ keys: Set<String>, _ node: Node) -> Node {
    guard case .mapping(let mapping) = node else { return node }
    let kept = mapping.filter { !keys.contains($0.key.string ?? "") }.map { ($0.key, $0.value) }
    return .mapping(Node.Mapping(kept, mapping.tag, mapping.style))
  }

  private static func section(_ pairs: [(String, Node)]) -> Node {
    .mapping(Node.Mapping(pairs.map { (Node($0), $1) }))
  }

  private static func node(_ samples: SamplesSpecification) -> Node {
    var pairs: [(String, Node)] = []
    if !samples.prompts.isEmpty {
      pairs.append(("prompts", .sequence(Node.Sequence(samples.prompts.map { Node($0, .implicit, .doubleQuoted) }))))
    }
    if !samples.classes.isEmpty { pairs.append(("classes", numbers(samples.classes.map(String.init)))) }
    pairs.append(("count", Node("\(samples.count)", Tag(.int))))
    pairs.append(("batch", Node("\(samples.batch)", Tag(.int))))
    return section(pairs)
  }

  private static func node(_ evaluation: EvaluationSpecification) -> Node {
    var pairs: [(String, Node)] = [
      ("count", Node("\(evaluation.count)", Tag(.int))), ("batch", Node("\(evaluation.batch)", Tag(.int))),
      ("references", Node("\(evaluation.references)", Tag(.int))),
    ]
    if !evaluation.guidance.isEmpty { pairs.append(("guidance", numbers(evaluation.guidance.map { "\($0)" }))) }
    switch evaluation.features {
    case .trained(let steps): pairs.append(("featureSteps", Node("\(steps)", Tag(.int))))
    case .file(let path): pairs.append(("features", Node(path)))
    }
    return section(pairs)
  }

  private static func numbers(_ words: [String]) -> Node {
    .sequence(Node.Sequence(words.map { Node($0, Tag(.int)) }))
  }
}
