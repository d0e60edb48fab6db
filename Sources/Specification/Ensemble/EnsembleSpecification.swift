/// Networks that are trained by gradient descent or sampled by stochastic gradients, whose disagreement tells how little they
/// know: an array of ensembles on named sets of data, each of members that are tasks of their own.
public struct EnsembleSpecification: Equatable, Sendable {
  /// What is learnt from, by name.
  public var data: [LearningData]
  /// The ensembles, which are compared with each other.
  public var ensembles: [Ensemble]
  /// How the ensembles of one set of data are joined; nil leaves them apart.
  public var fusion: Fusion?

  /// Creates a job of ensembles.
  public init(data: [LearningData], ensembles: [Ensemble], fusion: Fusion? = nil) {
    (self.data, self.ensembles, self.fusion) = (data, ensembles, fusion)
  }

  /// One network, and how many functions are made of it.
  public struct Ensemble: Equatable, Sendable {
    /// Name of the ensemble and of its folder.
    public var name: String
    /// Name of the data it learns from.
    public var data: String
    /// What computes.
    public var network: ClassifierConfiguration
    /// How weights come to be.
    public var training: TrainingConfiguration
    /// How there come to be several.
    public var method: EnsembleMethod
    /// Names of sets none of whose inputs it has learnt: it should be less certain of them.
    public var unknown: [String]
    /// Names of sets with the same classes from other domains: it is judged by them too.
    public var shifted: [String]

    /// Creates an ensemble.
    public init(
      name: String, data: String, network: ClassifierConfiguration, training: TrainingConfiguration = .init(),
      method: EnsembleMethod = .single, unknown: [String] = [], shifted: [String] = []
    ) {
      (self.name, self.data, self.network) = (name, data, network)
      (self.training, self.method, self.unknown, self.shifted) = (training, method, unknown, shifted)
    }

    /// A file of the ensemble in the job's folder.
    public func file(_ name: String) -> String { "ensembles/\(self.name)/\(name)" }

    /// A file of a member in the job's folder.
    public func file(_ name: String, ofMember member: Int) -> String { file("members/\(member)/\(name)") }
  }

  /// How the predictions of several ensembles become one.
  public enum Fusion: String, CaseIterable, Sendable {
    /// All count the same.
    case equal
    /// Weights that are best on pictures held out for it (Yao et al. 2018).
    case stacking
    /// Weights by the evidence of each, which only `laplace` has (Hoeting et al. 1999).
    case evidence
  }

  /// The data of a name.
  public func data(named name: String) -> LearningData? { data.first { $0.name == name } }
}

extension EnsembleSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let sets = try section.required("data", "list what to learn from, such as `data: [{name: digits, images: …}]`")
    self.init(data: [], ensembles: [])
    for field in try sets.list(countMax: 64) {
      data.append(try LearningData(field, after: data))
    }
    let list = try section.required(
      "ensembles", "list the ensembles, such as `ensembles: [{name: lenet, data: digits, …}]`")
    for field in try list.list(countMax: 256) {
      let ensemble: Ensemble = try field.section()
      try check(ensemble, field)
      ensembles.append(ensemble)
    }
    guard !ensembles.isEmpty else { throw list.error(.outOfRange, "must have at least one ensemble") }
    if let field = section.optional("fusion") {
      fusion = try field.choice()
      try checkFusion(field)
    }
  }

  /// Whether an ensemble fits its data and those before it.
  private func check(_ ensemble: Ensemble, _ field: Field) throws(SpecificationError) {
    let place = { (key: String) in field.nested(key) }
    if ensembles.contains(where: { $0.name == ensemble.name }) {
      throw place("name").error(.conflict, "another ensemble is named \(quoted(ensemble.name)); choose another name")
    }
    let names =
      [("data", ensemble.data)] + ensemble.unknown.map { ("unknown", $0) } + ensemble.shifted.map { ("shifted", $0) }
    for (key, name) in names where data(named: name) == nil { throw unknownSet(name, place(key)) }
    guard let set = data(named: ensemble.data) else { return }
    switch set.source {
    case .table:
      if ensemble.network.architecture.isConvolutional {
        throw place("network").error(.conflict, "is for pictures; a table needs `type: mlp`")
      }
      if !ensemble.method.suitsRegression {
        throw place("method").error(.conflict, "is for classes; a table has numbers to predict")
      }
    case .pictures(let pictures):
      if !ensemble.method.suitsClasses {
        throw place("method").error(.conflict, "is for tables with numbers to predict; these pictures have classes")
      }
      if !pictures.hasTest {
        throw place("data").error(
          .conflict, "\(quoted(set.name)) has nothing to judge by; give it `test: {images: …, labels: …}`")
      }
      try ensemble.network.check(place("network"), for: set)
    }
    if case .laplace(let laplace) = ensemble.method, laplace.precision == .validation, set.validation == 0 {
      throw field.nested("method", "precision").error(
        .conflict, "is chosen on data held out; give \(quoted(set.name)) a `validation`")
    }
    let tables = ensemble.unknown.filter { data(named: $0)?.hasClasses != set.hasClasses || !set.hasClasses }
    if !tables.isEmpty {
      throw place("unknown").error(.conflict, "only pictures can be shown to a network for pictures")
    }
    try checkGuidance(of: ensemble, on: set, field)
  }

  private func checkFusion(_ field: Field) throws(SpecificationError) {
    if fusion == .evidence, let other = ensembles.first(where: { !$0.method.hasEvidence }) {
      throw field.error(.conflict, "only `laplace` gives evidence; the ensemble \(quoted(other.name)) has none")
    }
    // Sets that only judge, and numbers to predict, are not joined.
    let joined = data.filter { set in set.hasClasses && ensembles.contains { $0.data == set.name } }
    if fusion == .stacking, let set = joined.first(where: { $0.validation == 0 }) {
      throw field.error(.conflict, "weights are found on data held out; give \(quoted(set.name)) a `validation`")
    }
  }
}

extension EnsembleSpecification.Ensemble: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let nameField = try section.required("name", "name the ensemble, such as `name: lenet`")
    let name = try nameField.text(bytesMax: 63)
    guard JobSpecification.isName(name) else {
      throw nameField.error(.outOfRange, "\(quoted(name)) cannot name an ensemble; \(JobSpecification.nameRule)")
    }
    self.init(
      name: name, data: try section.required("data", "name what it learns from").text(),
      network: try section.required("network", "describe the network, such as `network: {type: lenet5}`").section())
    training = try section.optional("training")?.section() ?? training
    method = try section.optional("method")?.section() ?? method
    for field in try section.optional("unknown")?.list(countMax: 16) ?? [] { unknown.append(try field.text()) }
    for field in try section.optional("shifted")?.list(countMax: 16) ?? [] { shifted.append(try field.text()) }
  }
}
