import Datasets
import Formats
import ImageMetrics
import Runtime
import Specification
import Tensors

/// Compares the pictures that a cascade has drawn with those of its data.
struct PictureEvaluationWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    guard let evaluation = job.cascade.evaluation else { throw WorkloadError("The job has no evaluation.") }
    let comparison = try PictureComparison(job, evaluation, task)
    let guidances: [Double?] = evaluation.guidance.isEmpty ? [nil] : evaluation.guidance
    var files: [String: [UInt8]] = [:]
    var rows: [PictureSummary.Row] = []
    for guidance in guidances {
      let (row, grid) = try comparison.row(ofDrawn: guidance)
      rows.append(row)
      files["\(DrawnPictures.folder(guidance))/grid.png"] = grid
      try task.report(
        TaskProgress(phase: "evaluation", done: rows.count, total: guidances.count, rate: 0, figures: []))
    }
    let summary = PictureSummary(
      features: comparison.title, references: comparison.references, candidates: comparison.candidates,
      data: try comparison.rowOfHeldOut(), drawn: rows)
    files[PictureSummary.fileName] = try summary.json()
    try task.commit(Segment(files: files), isLast: true)
  }
}

/// Pictures of the data with their features, and what others are compared with them by.
private struct PictureComparison {
  /// Pictures that neighbours and kernels look at: their number grows with its square.
  private static let pairsMax = 2000
  /// Captions of which the right one is to win.
  private static let candidatesMax = 100

  let references: Int
  let candidates: Int?
  private let job: CascadeJob
  private let task: TaskContext
  private let stage: StageSpecification
  private let network: PictureFeatures
  private let extractor: any FeatureExtractor
  private let pictures: ImageSet
  private let heldOut: [Int]
  private let training: [Int]
  private let captions: CaptionEmbeddings?
  private let texts: [String]
  private let known: Description
  private let statistics: FeatureStatistics

  init(_ job: CascadeJob, _ evaluation: EvaluationSpecification, _ task: TaskContext) throws {
    guard let stage = job.cascade.stages.last else { throw WorkloadError("The cascade has no stage.") }
    (self.job, self.task, self.stage) = (job, task, stage)
    captions = try job.cascade.text.map { try CaptionEmbeddings(task, tokens: $0.tokens) }
    pictures = try job.pictures(task)
    (training, heldOut) = try job.split(pictures)
    network = try PictureFeatures(job.cascade, pictures, textWidth: captions?.width, task)
    extractor = try network.extractor(task)
    let asked = heldOut.isEmpty ? training : heldOut
    texts = Set(asked.compactMap(pictures.caption)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    switch network {
    case .classes(let network): candidates = network.classes
    case .captions: candidates = texts.count > 1 ? min(Self.candidatesMax, texts.count) : nil
    case .file: candidates = nil
    }
    let compared = Array(training.prefix(evaluation.references))
    references = compared.count
    known = try Self.describe(compared, pictures, stage, extractor)
    statistics = try FeatureStatistics(known.features)
  }

  var title: String { network.title }

  private static func describe(
    _ indices: [Int], _ pictures: ImageSet, _ stage: StageSpecification, _ extractor: any FeatureExtractor
  ) throws -> Description {
    let loader = ImageLoader(pictures, width: stage.resolution, height: stage.resolution, cacheBytesMax: 0)
    return try extractor.describe(count: indices.count) { try loader.tensor(Array(indices[$0])) }
  }

  /// Pictures held out from training, as if they had been drawn; nil if there are too few.
  func rowOfHeldOut() throws -> PictureSummary.Row? {
    guard heldOut.count > 3 else { return nil }
    let description = try Self.describe(heldOut, pictures, stage, extractor)
    return try row(
      description, guidance: nil, captions: heldOut.map { pictures.caption(at: $0) },
      labels: heldOut.map(pictures.label))
  }

  /// The pictures drawn with a guidance, and a grid of the first.
  func row(ofDrawn guidance: Double?) throws -> (PictureSummary.Row, grid: [UInt8]) {
    let batches = SamplingBatches(job.cascade)
    var samples: [UInt8] = []
    var request = StageSampler.Request(numbers: [])
    for index in batches.indices(of: .evaluation(guidance: guidance)) {
      guard let batch = batches[index] else { continue }
      samples += try DrawnPictures(batch, stage, job.cascade).read(task)
      request.numbers += batch.pictures
    }
    try request.condition(asIn: job, guidance: guidance) { pictures }
    let size = stage.resolution * stage.resolution * pictures.channels
    let description = try extractor.describe(count: request.numbers.count) { range in
      try Tensor.pictures(
        Array(samples[range.lowerBound * size..<range.upperBound * size]), height: stage.resolution,
        width: stage.resolution, channels: pictures.channels)
    }
    let row = try row(
      description, guidance: guidance, captions: request.captions.map { $0.map(Optional.init) } ?? [],
      labels: request.classes.map { $0.map(Optional.init) } ?? [])
    let shown = SamplesSpecification(count: 10)
    return (row, try Gallery.grid(Array(samples.prefix(100 * size)), stage, job.cascade, shown))
  }

  private func row(
    _ description: Description, guidance: Double?, captions: [String?], labels: [Int?]
  ) throws -> PictureSummary.Row {
    let few = { (features: Tensor) in try features.narrowed(start: 0, length: min(Self.pairsMax, features.shape[0])) }
    let (real, drawn) = (try few(known.features), try few(description.features))
    let overlap = try PrecisionRecall(real: real, generated: drawn)
    return PictureSummary.Row(
      guidance: guidance, count: description.features.shape[0],
      frechetDistance: try frechetDistance(statistics, FeatureStatistics(description.features)),
      kernelDistance: 1000 * (try kernelDistance(real, drawn)), precision: overlap.precision, recall: overlap.recall,
      inceptionScore: try description.probabilities.map { try inceptionScore($0) },
      retrieval: try retrieval(description, captions: captions, labels: labels))
  }

  /// How often the own caption or class of a picture wins.
  private func retrieval(_ description: Description, captions: [String?], labels: [Int?]) throws -> Double? {
    if let probabilities = description.probabilities {
      let wins = zip(try probabilities.indexOfMaximum(along: 1).array(of: Int64.self), labels).map {
        $0 == $1.map(Int64.init)
      }
      return wins.isEmpty ? nil : Double(wins.count { $0 }) / Double(wins.count)
    }
    guard case .captions(let probe) = network, let embeddings = self.captions, let candidates else { return nil }
    let places = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
    let right = captions.compactMap { $0.flatMap { places[$0] } }
    guard right.count == description.features.shape[0], !right.isEmpty else { return nil }
    let vectors = try withoutGradient {
      try probe.texts(
        try embeddings.pooled(texts.map(Optional.init)), parameters: try network.parameters(probe.parameterShapes, task)
      )
    }
    return try retrievalAccuracy(
      images: description.features, texts: vectors, right: right, candidates: candidates, key: job.key("retrieval"))
  }
}
