/// How much the loss of an input counts, by its class. An ensemble that another one guides by its uncertainty starts when that has
/// been evaluated.
public struct ClassWeighting: Equatable, Sendable {
  /// What a class counts by.
  public var measure: Measure
  /// Weights go with so high a power of the measure; 0 weighs all the same.
  public var power: Double

  /// What a class counts by.
  public enum Measure: Equatable, Sendable {
    /// The rarer a class, the more its inputs count.
    case frequency
    /// The more uncertain another ensemble is epistemically of a class, the more its inputs count.
    case epistemic(from: String)
  }

  /// Creates a description.
  public init(_ measure: Measure, power: Double = 0.5) { (self.measure, self.power) = (measure, power) }

  /// The ensemble whose uncertainty is asked for; nil if none is.
  public var guide: String? { if case .epistemic(let from) = measure { from } else { nil } }
}

/// Inputs that are learnt from without a look at their labels, with those that another ensemble gives them.
public struct PseudoLabels: Equatable, Sendable {
  /// The ensemble that labels them.
  public var from: String
  /// Name of the set of whose training part they are.
  public var data: String
  /// Share of them that is learnt from: those of least epistemic uncertainty, in 0…1.
  public var share: Double

  /// Creates a description.
  public init(from: String, data: String, share: Double = 0.5) {
    (self.from, self.data, self.share) = (from, data, share)
  }
}

extension TrainingConfiguration {
  /// Names of the ensembles that must have been evaluated before.
  public var guides: [String] {
    let names = [weights?.guide, pseudoLabels?.from].compactMap { $0 }
    return names.first == names.last ? Array(names.prefix(1)) : names
  }
}

extension EnsembleSpecification {
  /// Names of the sets of whose training inputs an ensemble's view is asked by others.
  public func guidedSets(by guide: Ensemble) -> [String] {
    var sets: [String] = []
    for ensemble in ensembles {
      if ensemble.training.weights?.guide == guide.name { sets.append(ensemble.data) }
      if let labels = ensemble.training.pseudoLabels, labels.from == guide.name { sets.append(labels.data) }
    }
    return sets.enumerated().filter { !sets[..<$0.offset].contains($0.element) }.map(\.element)
  }
}

extension ClassWeighting: SectionDecodable {
  private enum Kind: String, CaseIterable { case frequency, epistemic }

  init(from section: inout Section) throws(SpecificationError) {
    switch try section.required("by", "write `by: frequency` or `by: epistemic`").choice(of: Kind.self) {
    case .frequency: self.init(.frequency)
    case .epistemic:
      self.init(.epistemic(from: try section.required("from", "name the ensemble whose uncertainty it is").text()))
    }
    power = try section.optional("power")?.number(in: 0...4) ?? power
  }
}

extension PseudoLabels: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init(
      from: try section.required("from", "name the ensemble that labels").text(),
      data: try section.required("data", "name the set whose training inputs are labelled").text())
    share = try section.optional("share")?.number(in: 0.001...1) ?? share
  }
}

extension EnsembleSpecification {
  /// Whether what guides an ensemble, and what it is judged by besides, fits its data and the ensembles before it.
  func checkGuidance(of ensemble: Ensemble, on set: LearningData, _ field: Field) throws(SpecificationError) {
    for name in ensemble.shifted {
      try checkRelative(name, of: set, field.nested("shifted"))
      if ensemble.unknown.contains(name) {
        throw field.nested("shifted").error(.conflict, "\(quoted(name)) is among the unknown sets; choose one")
      }
    }
    let training = ensemble.training
    if let weights = training.weights {
      let place = field.nested("training", "weights")
      guard set.hasClasses else { throw place.error(.conflict, "is for classes; a table has numbers to predict") }
      if case .laplace = ensemble.method {
        throw place.error(.conflict, "cannot be used with `laplace`, whose curvature is that of equal weights")
      }
      if let from = weights.guide {
        let guide = try guide(from, place.nested("from"))
        guard guide.data == set.name else {
          throw place.nested("from").error(
            .conflict,
            "\(quoted(from)) has learnt from \(quoted(guide.data)); name one that has from \(quoted(set.name))")
        }
      }
    }
    guard let labels = training.pseudoLabels else { return }
    let place = field.nested("training", "pseudoLabels")
    guard set.hasClasses else { throw place.error(.conflict, "is for classes; a table has numbers to predict") }
    let guide = try guide(labels.from, place.nested("from"))
    if guide.data != set.name { try checkRelative(guide.data, of: set, place.nested("from")) }
    guard let other = data(named: labels.data) else { throw unknownSet(labels.data, place.nested("data")) }
    try checkRelative(other.name, of: set, place.nested("data"))
  }

  /// The ensemble of a name above those that it guides.
  private func guide(_ name: String, _ place: Field) throws(SpecificationError) -> Ensemble {
    guard let guide = ensembles.first(where: { $0.name == name }) else {
      let hint = nearestName(to: name, among: ensembles.map(\.name)).map { "; did you mean \(quoted($0))?" } ?? ""
      throw place.error(
        .unknownValue, "there is no ensemble \(quoted(name)) above this one, which begins when that has ended\(hint)")
    }
    if case .single = guide.method {
      throw place.error(.conflict, "\(quoted(name)) is a single function, which has no epistemic uncertainty")
    }
    return guide
  }

  /// Whether a set has the classes of the one that is learnt from, and is another.
  private func checkRelative(_ name: String, of set: LearningData, _ place: Field) throws(SpecificationError) {
    guard name != set.name else {
      throw place.error(.conflict, "\(quoted(name)) is what the ensemble learns from; name another set of its classes")
    }
    guard case .pictures(let pictures)? = data(named: name)?.source, case .pictures(let own) = set.source else {
      throw place.error(.conflict, "only pictures with classes can be shown to a network for such")
    }
    let (classes, known) = (pictures.training.classes, own.training.classes)
    guard classes.isEmpty || known.isEmpty || classes == known else {
      throw place.error(.conflict, "\(quoted(name)) has other classes than \(quoted(set.name))")
    }
  }

  /// The error for a name that no set has.
  func unknownSet(_ name: String, _ place: Field) -> SpecificationError {
    let hint = nearestName(to: name, among: data.map(\.name)).map { "; did you mean \(quoted($0))?" } ?? ""
    return place.error(.unknownValue, "there is no set \(quoted(name)) below `data`\(hint)")
  }
}
