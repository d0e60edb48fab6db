import Datasets
import Formats
import Posterior
import Store

/// The Zarr store of a job of chains: ArviZ's groups, dimensions and names.
///
/// Targets, predictions and their log likelihood are in the unit of the target; parameters belong to the standardised
/// model, as their attributes say.
enum ChainLayout {
  /// Name of the store in the job's folder.
  static let store = "posterior.zarr"
  static let draws = "draw"
  static let warmUp = "warmup"

  /// The layout of an experiment.
  /// - Parameters:
  ///   - parameters: The model's parameters at any position: names and shapes.
  ///   - statistics: What the kernel reports of any transition.
  static func make(
    _ experiment: ChainExperiment, parameters: [NamedArray], statistics: [SampleStatistic]
  ) throws(FormatError) -> ZarrLayout {
    let specification = experiment.specification
    var counters = [counter(draws, experiment, draws: specification.draws)]
    var groups = [posterior(parameters), sampleStats("sample_stats", draws, statistics)] + predictive(experiment.data)
    if specification.warmup > 0 {
      counters.append(counter(warmUp, experiment, draws: specification.warmup))
      groups.append(sampleStats("warmup_sample_stats", warmUp, statistics))
    }
    return try ZarrLayout(
      attributes: ["creation_library": "tributary", "inference_library": "tributary"], counters: counters,
      groups: groups + constant(experiment.data))
  }

  private static func counter(_ name: String, _ experiment: ChainExperiment, draws: Int) -> ZarrCounter {
    let specification = experiment.specification
    return ZarrCounter(name: name, chains: specification.chains, draws: draws, chunkDraws: specification.segment)
  }

  private static func posterior(_ parameters: [NamedArray]) -> ZarrGroup {
    var dimensions: [ZarrDimension] = []
    let arrays = parameters.map { parameter in
      let names = parameter.shape.indices.map { "\(parameter.name)_dim_\($0)" }
      dimensions += zip(names, parameter.shape).map { ZarrDimension(name: $0, coordinates: .indices($1)) }
      return ZarrArray(
        name: parameter.name, dtype: .float64, dimensions: names, attributes: ["units": "standardised"])
    }
    return ZarrGroup(name: "posterior", growth: .draws(counter: draws), dimensions: dimensions, arrays: arrays)
  }

  private static func sampleStats(_ name: String, _ counter: String, _ statistics: [SampleStatistic]) -> ZarrGroup {
    let arrays = statistics.map { statistic in
      let type: ZarrDType =
        switch statistic.value {
        case .real: .float64
        case .integer: .int64
        case .truth: .bool
        }
      return ZarrArray(name: statistic.name, dtype: type)
    }
    return ZarrGroup(name: name, growth: .draws(counter: counter), arrays: arrays)
  }

  private static func predictive(_ data: RegressionData) -> [ZarrGroup] {
    let observed = [ZarrDimension(name: "observation", coordinates: .integers(data.training.rows))]
    let heldOut = [ZarrDimension(name: "held_out", coordinates: .integers(data.test.rows))]
    let y = ZarrArray(name: "y", dtype: .float64, dimensions: ["observation"])
    return [
      ZarrGroup(name: "posterior_predictive", growth: .draws(counter: draws), dimensions: observed, arrays: [y]),
      ZarrGroup(name: "log_likelihood", growth: .draws(counter: draws), dimensions: observed, arrays: [y]),
      ZarrGroup(
        name: "predictions", growth: .draws(counter: draws), dimensions: heldOut,
        arrays: ["mean", "deviation", "y"].map { ZarrArray(name: $0, dtype: .float64, dimensions: ["held_out"]) }),
    ]
  }

  private static func constant(_ data: RegressionData) -> [ZarrGroup] {
    let features = ZarrDimension(name: "feature", coordinates: .labels(data.featureNames))
    let observed = ZarrDimension(name: "observation", coordinates: .integers(data.training.rows))
    let heldOut = ZarrDimension(name: "held_out", coordinates: .integers(data.test.rows))
    let fixed = ZarrGroup.Growth.fixed(after: nil)
    let units = ["units": "standardised"]
    return [
      ZarrGroup(
        name: "observed_data", growth: fixed, dimensions: [observed],
        arrays: [ZarrArray(name: "y", dtype: .float64, dimensions: ["observation"])]),
      ZarrGroup(
        name: "constant_data", growth: fixed, dimensions: [observed, features],
        arrays: [ZarrArray(name: "x", dtype: .float64, dimensions: ["observation", "feature"], attributes: units)]),
      ZarrGroup(
        name: "predictions_constant_data", growth: fixed, dimensions: [heldOut, features],
        arrays: [
          ZarrArray(name: "x", dtype: .float64, dimensions: ["held_out", "feature"], attributes: units),
          ZarrArray(name: "y", dtype: .float64, dimensions: ["held_out"]),
        ]),
    ]
  }
}
