import Datasets
import Formats
import ImageMetrics
import Networks
import Runtime
import Specification
import Tensors

/// The network whose features of pictures are compared: one that tells classes or captions, trained by a task of the job, or one
/// from a file.
enum PictureFeatures {
  case classes(FeatureNetwork)
  case captions(RetrievalProbe)
  case file(ScriptExtractor)

  /// Name of the file that the trained network is kept in.
  static let fileName = "features.safetensors"

  /// The network that suits a job.
  init(_ cascade: CascadeSpecification, _ pictures: ImageSet, textWidth: Int?, _ task: TaskContext) throws {
    let (channels, resolution) = (cascade.data.channels, cascade.stages.last?.resolution ?? 1)
    if case .file(let path)? = cascade.evaluation?.features {
      guard let bytes = try task.input(path) else { throw WorkloadError("The file \(path) did not come with the job.") }
      self = .file(try ScriptExtractor(bytes, file: path))
    } else if let textWidth {
      self = .captions(RetrievalProbe(channels: channels, resolution: resolution, textWidth: textWidth))
    } else if pictures.hasLabels {
      self = .classes(FeatureNetwork(channels: channels, resolution: resolution, classes: pictures.classCount))
    } else {
      throw WorkloadError(
        "The pictures have neither captions nor labels that a feature network could learn; name one with `evaluation.features`."
      )
    }
  }

  /// What it is called in a report.
  var title: String {
    switch self {
    case .classes: "features of a classifier trained on them"
    case .captions: "features of an image-text probe trained on them"
    case .file: "features of the file given"
    }
  }

  /// The network with the weights that a task has committed.
  func extractor(_ task: TaskContext) throws -> any FeatureExtractor {
    switch self {
    case .classes(let network):
      return network.extractor(parameters: try parameters(network.parameterShapes, task))
    case .captions(let probe):
      return ProbeExtractor(probe: probe, parameters: try parameters(probe.parameterShapes, task))
    case .file(let script): return script
    }
  }

  func parameters(_ shapes: [ParameterShape], _ task: TaskContext) throws -> ParameterSet {
    try ParameterSet(weights: Safetensors(bytes: try task.required(Self.fileName)), of: shapes)
  }
}

/// The side of an image–text probe that sees pictures.
private struct ProbeExtractor: FeatureExtractor {
  let probe: RetrievalProbe
  let parameters: ParameterSet

  func describe(_ images: Tensor) throws -> Description {
    Description(features: try probe.images(images, parameters: parameters), probabilities: nil)
  }
}
