import Networks
import Tensors

/// Embeddings of times and positions.
let embeddingCheckers = [
  ParityChecker(kind: "timestep and position embeddings") { reference, comparison in
    let times = try reference.tensor("t")
    for name in reference.tensors.names where name.hasPrefix("timestep.") {
      // For example timestep.flip1.shift0: cosines first, no shift of the frequencies.
      let options = name.split(separator: ".").dropFirst()
      let shift = options.first { $0.hasPrefix("shift") }.flatMap { Double($0.dropFirst(5)) }
      guard let shift, let width = reference.definition["dim"]?.whole else { throw NotBuilt(name) }
      let encoding = TimestepEncoding.sinusoidal(width: width, cosinesFirst: options.contains("flip1"), shift: shift)
      try comparison.compare(encoding(times, ParameterSet([]).scope("time")), with: name)
    }
    guard let side = reference.definition["pos_grid"]?.whole, let width = reference.definition["pos_dim"]?.whole else {
      throw Unusable("the case lacks pos_grid or pos_dim")
    }
    try comparison.compare(
      gridPositionEncoding(height: side, width: side, frequencies: width / 4), with: "pos_2d_sincos")
  }
]
