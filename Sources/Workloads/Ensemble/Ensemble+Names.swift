import Networks
import Specification
import Training

extension EnsembleSpecification.Ensemble {
  /// Numbers that a member learns; heads upon a shared trunk learn it together.
  func parameterCount(_ set: LearningSet) throws -> Int {
    try member(set).parameterShapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }
}

extension ClassifierConfiguration {
  /// The network in a word or two.
  var name: String {
    let name =
      switch architecture {
      case .lenet5: "lenet5"
      case .vgg16: "vgg16"
      case .resnet18: "resnet18"
      case .resnet20: "resnet20"
      case .resnet32: "resnet32"
      case .resnet56: "resnet56"
      case .mlp(let hidden, _): "mlp \(hidden.map(String.init).joined(separator: "-"))"
      }
    return width == 1 ? name : "\(name) × \(width)"
  }
}

extension EnsembleMethod {
  /// The method in a word.
  var name: String {
    switch self {
    case .single: "single"
    case .deep: "deep"
    case .partial: "partial"
    case .batch: "batch"
    case .snapshots: "snapshots"
    case .dropout: "dropout"
    case .batchNorm: "batchNorm"
    case .augmentation: "augmentation"
    case .dirichlet: "dirichlet"
    case .evidential: "evidential"
    case .laplace(let laplace):
      laplace.isLastLayerOnly ? "laplace, last layer" : "laplace, \(laplace.structure.rawValue)"
    case .swag: "swag"
    case .chains(let chains):
      (chains.isCyclical ? "cyclical " : "")
        + (chains.hasThermostat ? "sgnht" : chains.friction == 1 ? "sgld" : "sghmc")
    }
  }
}
