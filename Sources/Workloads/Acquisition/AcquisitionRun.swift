import Formats
import Networks
import Runtime
import Specification
import Tensors
import Training
import Uncertainty

/// A run of active learning on its way: which labels are known, and what was learnt from them round by round.
struct AcquisitionRun {
  private let job: AcquisitionJob
  private let strategy: AcquisitionSpecification.Strategy
  private let set: LearningSet
  private let classes: Int
  private let trueClasses: [Int]
  private var known: KnownLabels
  /// The lines of `rounds.jsonl` so far.
  private var lines: [UInt8] = []
  /// Accuracy of the last round, for people.
  private(set) var accuracy: Double?
  private static let linesName = "rounds"

  /// Begins with labels by chance, or goes on from a checkpoint.
  init(_ job: AcquisitionJob, _ strategy: AcquisitionSpecification.Strategy, _ task: TaskContext) throws {
    (self.job, self.strategy) = (job, strategy)
    (set, classes) = try job.learningSet(task)
    trueClasses = set.training.labels
    if let checkpoint = task.checkpoint {
      let file = try Safetensors(bytes: checkpoint)
      known = try KnownLabels(file, inputs: set.training.count)
      lines = try file.tensor(Self.linesName).bytes
      accuracy = try AcquisitionRound.rounds(lines).last?.accuracy
    } else {
      known = KnownLabels()
      try ask(.random, for: job.specification.labels.first, about: Array(0..<set.training.count), [], round: 0)
    }
  }

  private var ensemble: EnsembleSpecification.Ensemble { job.specification.ensemble }

  /// Learns from the labels that are known, judges what was learnt, and asks for more if this is not the last round.
  mutating func advance(round: Int, progress: (_ run: MemberRun, _ member: Int) throws -> Void) throws {
    let isLast = round == job.specification.labels.rounds - 1
    let pool = isLast ? [] : try pool(round)
    let isScored = !isLast && strategy != .random
    let judged = [(name: "test", examples: set.test)] + (isScored ? [("pool", set.training.part(pool))] : [])
    let members = try (0..<ensemble.method.members).map { member in
      let run = try learner(member, round: round, judged)
      while run.step < run.steps {
        try run.advance()
        try progress(run, member)
      }
      return try run.finalPredictions { _, _ in try progress(run, member) }
    }
    try judge(members)
    guard !isLast else { return }
    let count = job.specification.labels.known(inRound: round + 1) - known.labels.count
    try ask(
      strategy, for: count, about: pool, isScored ? scores(members, inputs: pool.count) : [], round: round + 1)
  }

  /// A network of a round, which begins anew.
  private func learner(
    _ member: Int, round: Int, _ judged: [(name: String, examples: Examples)]
  ) throws -> MemberRun {
    let known = set.learning(from: known.inputs)
    return try MemberRun(
      ensemble, known, classWeights: nil, judged: judged,
      member: ensemble.member(known),
      key: key(round).folding(in: UInt64(member)), weights: nil, checkpoint: nil)
  }

  private func key(_ round: Int) -> RandomKey { job.key.purpose("round").folding(in: UInt64(round)) }

  /// Inputs that can be asked about in a round: all that are not known, or so many of them by chance.
  private func pool(_ round: Int) throws -> [Int] {
    let unknown = known.unknown(of: set.training.count)
    guard let size = job.specification.pool, size < unknown.count else { return unknown }
    let uniforms = key(round).purpose("pool").uniforms(count: unknown.count)
    return try BatchAcquisition(coldness: 0).chosen(size, scores: unknown.map { _ in 1 }, uniforms: uniforms)
      .map { unknown[$0] }.sorted()
  }

  private func scores(_ members: [MemberPredictions], inputs: Int) throws -> [Double] {
    let entropy = try members.classUncertainty(of: "pool", inputs: inputs, classes: classes).entropy
    return switch strategy {
    case .epistemic: entropy.epistemic
    case .aleatoric: entropy.aleatoric
    case .total: entropy.total
    case .random: [Double](repeating: 1, count: inputs)
    }
  }

  /// Asks for the labels of some inputs, to be learnt from in a round.
  private mutating func ask(
    _ strategy: AcquisitionSpecification.Strategy, for count: Int, about pool: [Int], _ scores: [Double], round: Int
  ) throws {
    let isChance = strategy == .random
    let scores = isChance ? [Double](repeating: 1, count: pool.count) : scores
    let uniforms = key(round).purpose("choice").uniforms(count: pool.count)
    let rule = BatchAcquisition(coldness: isChance ? 0 : job.specification.coldness)
    let chosen = try rule.chosen(count, scores: scores, uniforms: uniforms)
    known.add(chosen.map { (pool[$0], scores[$0]) }, round: round)
  }

  private mutating func judge(_ members: [MemberPredictions]) throws {
    let labels = set.test.labels
    let uncertainty = try members.classUncertainty(of: "test", inputs: labels.count, classes: classes)
    let predictions = try LabelledPredictions(
      probabilities: uncertainty.probabilities, classes: classes, labels: labels)
    var counts = [Int](repeating: 0, count: classes)
    for input in known.inputs { counts[trueClasses[input]] += 1 }
    let round = AcquisitionRound(
      labels: known.labels.count, accuracy: predictions.accuracy,
      negativeLogLikelihood: predictions.negativeLogLikelihood, entropy: .init(uncertainty.entropy), classes: counts)
    accuracy = round.accuracy
    lines += try round.line()
  }
}

extension AcquisitionRun {
  /// What the run brings after each round: what it has come to, and the labels asked for.
  var files: [String: [UInt8]] {
    func file(_ name: String) -> String {
      AcquisitionSpecification.file(name, strategy: strategy.rawValue, number: job.number)
    }
    return [
      file(AcquisitionRound.fileName): lines,
      file("labels.csv"): known.table(trueClasses, name: set.className),
    ]
  }

  /// All that the run needs to go on after a round: networks begin anew in each.
  func checkpoint() throws -> [UInt8] {
    var file = Safetensors(metadata: ["format": "tributary acquisition 1"])
    try known.store(in: &file)
    file[Self.linesName] = try Safetensors.Tensor(dtype: .uint8, shape: [lines.count], bytes: lines)
    return try file.encoded()
  }
}
