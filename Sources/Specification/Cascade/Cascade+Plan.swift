extension CascadeSpecification {
  /// The files and folders that the job reads.
  var inputs: [JobSpecification.Input] {
    var inputs = data.inputs.map { JobSpecification.Input(path: $0.path, field: "data.\($0.setting)") }
    if let text { inputs.append(JobSpecification.Input(path: text.encoder, field: "text.encoder")) }
    for (position, stage) in stages.enumerated() {
      if case .config(let path) = stage.network {
        inputs.append(JobSpecification.Input(path: path, field: "stages[\(position)].network.config"))
      }
      if let path = stage.weights {
        inputs.append(JobSpecification.Input(path: path, field: "stages[\(position)].weights"))
      }
    }
    if case .file(let path)? = evaluation?.features {
      inputs.append(JobSpecification.Input(path: path, field: "evaluation.features"))
    }
    return inputs
  }

  /// Name of the group of tasks that sample a stage.
  public func samplingGroup(of stage: Int) -> String { "sample-\(stages[stage].name)" }

  /// The tasks: captions, then all stages at once with previews beside them, then the batches of samples through one stage
  /// after the other.
  func plan(retries: Int, needs: Needs) -> Plan {
    var groups: [TaskGroup] = []
    func add(_ group: TaskGroup) {
      var group = group
      (group.retries, group.needs) = (retries, needs)
      groups.append(group)
    }
    let captions = text == nil ? [] : ["captions"]
    if !captions.isEmpty { add(TaskGroup(name: "captions", kind: "captions", count: 1, retries: 0, priority: 1)) }
    add(TaskGroup(name: "stage", kind: "stage", count: stages.count, after: captions, retries: 0))
    if let preview, trainsAnything {
      add(
        TaskGroup(
          name: "preview", kind: "preview", count: 1000, after: captions,
          beside: TaskGroup.Companionship(group: "stage", pace: pace(of: preview)), retries: 0, priority: 1))
    }
    let trainsFeatures = if case .trained? = evaluation?.features { true } else { false }
    if trainsFeatures { add(TaskGroup(name: "features", kind: "features", count: 1, after: captions, retries: 0)) }
    let batches = SamplingBatches(self).count
    guard batches > 0 else { return Plan(groups: groups) }
    for position in stages.indices {
      add(
        TaskGroup(
          name: samplingGroup(of: position), kind: "sample", count: batches, after: captions + ["stage"],
          afterEach: position > 0 ? [samplingGroup(of: position - 1)] : [], retries: 0, priority: position + 1))
    }
    let drawn = samplingGroup(of: stages.count - 1)
    if samples != nil { add(TaskGroup(name: "gallery", kind: "gallery", count: 1, after: [drawn], retries: 0)) }
    if evaluation != nil {
      let after = captions + ["stage", drawn] + (trainsFeatures ? ["features"] : [])
      add(TaskGroup(name: "evaluation", kind: "cascade-evaluation", count: 1, after: after, retries: 0))
    }
    return Plan(groups: groups)
  }

  private func pace(of preview: PreviewSpecification) -> TaskGroup.Companionship.Pace {
    switch preview.every {
    case .seconds(let seconds): .seconds(seconds)
    case .steps(let steps): .segments(max(1, steps / stages[0].segment))
    }
  }
}

/// The pictures of a cascade job, divided into batches: those of `samples`, then those of `evaluation` for each guidance. A batch
/// goes through all stages.
public struct SamplingBatches: Equatable, Sendable {
  /// What a batch belongs to.
  public enum Purpose: Equatable, Sendable {
    case samples
    /// To be compared with data, with this guidance in all stages, or each stage's own.
    case evaluation(guidance: Double?)
  }

  /// A batch: pictures by their numbers among those of its purpose.
  public struct Batch: Equatable, Sendable {
    public var purpose: Purpose
    public var pictures: Range<Int>

    public init(purpose: Purpose, pictures: Range<Int>) { (self.purpose, self.pictures) = (purpose, pictures) }
  }

  private let series: [(purpose: Purpose, total: Int, batch: Int)]

  /// The batches of a job.
  public init(_ cascade: CascadeSpecification) {
    var series: [(purpose: Purpose, total: Int, batch: Int)] = []
    if let samples = cascade.samples { series.append((.samples, samples.total, samples.batch)) }
    if let evaluation = cascade.evaluation {
      let guidances: [Double?] = evaluation.guidance.isEmpty ? [nil] : evaluation.guidance
      series += guidances.map { (.evaluation(guidance: $0), evaluation.count, evaluation.batch) }
    }
    self.series = series
  }

  /// Number of batches.
  public var count: Int { series.reduce(0) { $0 + ($1.total + $1.batch - 1) / $1.batch } }

  /// The batch of a number; nil beyond the last one.
  public subscript(index: Int) -> Batch? {
    var index = index
    for (purpose, total, batch) in series {
      let count = (total + batch - 1) / batch
      if index < count {
        return Batch(purpose: purpose, pictures: index * batch..<min(total, (index + 1) * batch))
      }
      index -= count
    }
    return nil
  }

  /// The batches of a purpose, by their numbers.
  public func indices(of purpose: Purpose) -> Range<Int> {
    var start = 0
    for one in series {
      let count = (one.total + one.batch - 1) / one.batch
      if one.purpose == purpose { return start..<start + count }
      start += count
    }
    return 0..<0
  }

  public static func == (left: SamplingBatches, right: SamplingBatches) -> Bool {
    left.series.elementsEqual(right.series) { $0 == $1 }
  }
}
