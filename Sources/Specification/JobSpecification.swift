import Yams

/// A job as its YAML file describes it.
///
/// ```yaml
/// kind: chains
/// data: {set: yacht, split: 0}
/// model: {type: mlp, hidden: [50]}
/// ```
///
/// The text itself travels to the workers, who decode it again.
public struct JobSpecification: Equatable, Sendable {
  /// Name of the job and of its folder in the store.
  public var name: String
  /// Seed of all randomness of the job.
  public var seed: UInt64
  /// What the job may use of the workers in proportion to other jobs, 1…1000.
  public var share: Int
  /// Failures a task may have before the job fails.
  public var retries: Int
  /// What each task needs of its worker.
  public var needs: Needs
  /// What the job does.
  public var work: Work

  /// What a job does, with its settings.
  public enum Work: Equatable, Sendable {
    /// Markov chains on a posterior.
    case chains(ChainsSpecification)
    /// A cascade of diffusion models.
    case cascade(CascadeSpecification)
    /// Ensembles of networks and what they are uncertain of.
    case ensemble(EnsembleSpecification)
    /// Networks that ask for labels.
    case acquisition(AcquisitionSpecification)
    /// A measurement of the cluster.
    case probe(ProbeSpecification)
  }

  /// Kinds of jobs, as `kind` names them.
  public enum Kind: String, CaseIterable, Sendable {
    case chains, cascade, ensemble, acquisition, probe
  }

  /// A file or folder that the job reads; a folder travels as a tar archive.
  public struct Input: Equatable, Sendable {
    /// Path as the job file gives it, relative to the job file unless absolute.
    public var path: String
    /// Setting that names it, such as `data.file`.
    public var field: String
  }

  /// Creates a job.
  public init(name: String, seed: UInt64 = 1, share: Int = 1, retries: Int = 3, needs: Needs = Needs(), work: Work) {
    self.name = name
    self.seed = seed
    self.share = share
    self.retries = retries
    self.needs = needs
    self.work = work
  }

  /// Kind of the job.
  public var kind: Kind {
    switch work {
    case .chains: .chains
    case .cascade: .cascade
    case .ensemble: .ensemble
    case .acquisition: .acquisition
    case .probe: .probe
    }
  }

  /// Files and folders of the user's that the job reads, in the order of their settings.
  public var inputs: [Input] {
    switch work {
    case .chains(let chains):
      if case .file(let table) = chains.data.source { [Input(path: table.path, field: "data.file")] } else { [] }
    case .cascade(let cascade): cascade.inputs
    case .ensemble(let ensemble): ensemble.inputs
    case .acquisition(let acquisition): acquisition.inputs
    case .probe: []
    }
  }
}

extension JobSpecification {
  /// Decodes the text of a job file; `file` is its name as the user gave it.
  ///
  /// Throws the first fault found, with its line: unknown or missing keys, wrong types, values out of range.
  public init(yaml text: String, file: String) throws(SpecificationError) {
    try self.init(yaml: text.utf8, file: file)
  }

  /// Decodes the bytes of a job file; `file` is its name as the user gave it.
  public init(yaml bytes: some Collection<UInt8>, file: String) throws(SpecificationError) {
    let sizes = try FullSize(YAMLText(bytes, file: file).root(), file: file)
    if let full = sizes.full { _ = try JobSpecification(root: full, file: file) }
    try self.init(root: sizes.brief, file: file)
  }

  init(root: Node, file: String) throws(SpecificationError) {
    self = try Field(file: file, path: "", line: root.mark?.line ?? 1, node: root).section()
  }
}

extension JobSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let advice = "write `kind: chains`, `cascade`, `ensemble`, `acquisition` or `probe`"
    let kind = try section.required("kind", advice).choice(of: Kind.self)
    name = try Self.name(from: &section)
    seed = UInt64(try section.optional("seed")?.integer(in: 0...Int.max) ?? 1)
    share = try section.optional("share")?.integer(in: 1...1000) ?? 1
    retries = try section.optional("retries")?.integer(in: 0...1000) ?? 3
    needs = try section.optional("needs")?.section() ?? Needs()
    work =
      switch kind {
      case .chains: .chains(try ChainsSpecification(from: &section))
      case .cascade: .cascade(try CascadeSpecification(from: &section))
      case .ensemble: .ensemble(try EnsembleSpecification(from: &section))
      case .acquisition: .acquisition(try AcquisitionSpecification(from: &section))
      case .probe: .probe(try ProbeSpecification(from: &section))
      }
  }

  /// What `isName` asks, in words.
  static let nameRule = "names are up to 63 of a-z, 0-9, -, . and _, and begin with a letter or digit"

  /// Whether a text can name a job: `[a-z0-9][a-z0-9-._]{0,62}`.
  public static func isName(_ text: String) -> Bool {
    let isAlphanumeric = { (byte: UInt8) in (48...57).contains(byte) || (97...122).contains(byte) }
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 63 else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
  }

  /// The given name, or else the file's name without folder and extension.
  private static func name(from section: inout Section) throws(SpecificationError) -> String {
    if let field = section.optional("name") {
      let name = try field.text()
      guard isName(name) else { throw field.error(.outOfRange, "\(quoted(name)) cannot name a job; \(nameRule)") }
      return name
    }
    let base = section.file.split(separator: "/").last.map(String.init) ?? ""
    let name = base.lastIndex(of: ".").map { String(base[..<$0]) } ?? base
    guard isName(name) else {
      let advice = "missing, and the file's name cannot stand in for it; \(nameRule)"
      throw SpecificationError(.missingKey, advice, file: section.file, field: "name")
    }
    return name
  }
}
