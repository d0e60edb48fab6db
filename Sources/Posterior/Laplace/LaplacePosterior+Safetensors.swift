import Formats
import Tensors

// Sums of the curvature are stored, not what is decomposed of them, so that a file says the same whatever the prior.
extension LaplacePosterior {
  private static let sizeMax = 1 << 24

  /// The posterior as a file; the trained weights are not in it.
  public func safetensors() throws -> Safetensors {
    var file = Safetensors(metadata: [
      "structure": structure.rawValue, "likelihood": likelihood.rawValue,
      "layers": layers.map(\.name).joined(separator: "\n"),
    ])
    file["layers"] = try Safetensors.Tensor(
      layers.flatMap { [$0.outputs, $0.inputs, $0.hasBias ? 1 : 0] }, shape: [layers.count, 3])
    file["misfit"] = try Safetensors.Tensor([misfit.sum], shape: [])
    file["counts"] = try Safetensors.Tensor([misfit.rows, misfit.outputs])
    file["parameter_squares"] = try Safetensors.Tensor(squares)
    file["prior_precisions"] = try Safetensors.Tensor(priorPrecisions)
    file["noise_deviation"] = try Safetensors.Tensor([noiseDeviation], shape: [])
    for (index, sum) in sums.enumerated() {
      file["curvature.\(index)"] = try Safetensors.Tensor(sum.array(of: Double.self), shape: sum.shape)
    }
    return file
  }

  /// Reads a posterior.
  /// - Throws: `PosteriorError.Code.invalidSnapshot` or `FormatError` if the file holds none.
  public init(_ file: Safetensors) throws {
    guard let structure = file.metadata["structure"].flatMap(CurvatureStructure.init),
      let likelihood = file.metadata["likelihood"].flatMap(LaplaceFit.Likelihood.init)
    else {
      throw PosteriorError(
        .invalidSnapshot, "the file does not say structure and likelihood: it holds no Laplace posterior")
    }
    let layers = try Self.layers(file)
    let shapes = structure.type.shapes(layers)
    let sums = try shapes.enumerated().map { index, shape in
      let values = try Self.numbers(file, "curvature.\(index)", shape: shape)
      return try Tensor(values, shape: shape)
    }
    let counts = try file.tensor("counts").integerValues()
    guard counts.count == 2, counts.allSatisfy({ (1...Self.countMax).contains($0) }) else {
      throw PosteriorError(.invalidSnapshot, "the Laplace posterior's counts are not of rows and outputs: \(counts)")
    }
    let misfit = LaplaceFit.Misfit(
      rows: counts[0], outputs: counts[1], sum: try Self.numbers(file, "misfit", shape: [])[0])
    try self.init(
      structure: structure, likelihood: likelihood, layers: layers, sums: sums, misfit: misfit,
      squares: Self.numbers(file, "parameter_squares", shape: [layers.count]),
      priorPrecisions: Self.numbers(file, "prior_precisions", shape: [layers.count]),
      noiseDeviation: Self.numbers(file, "noise_deviation", shape: [])[0])
  }

  /// Rows and outputs at most, so that their product is a number.
  private static let countMax = 1 << 31

  private static func layers(_ file: Safetensors) throws -> [LaplaceLayer] {
    let names = (file.metadata["layers"] ?? "").split(separator: "\n").map(String.init)
    let sizes = try file.tensor("layers").integerValues()
    guard !names.isEmpty, sizes.count == 3 * names.count, sizes.allSatisfy({ (0...sizeMax).contains($0) }) else {
      throw PosteriorError(
        .invalidSnapshot, "the Laplace posterior names \(names.count) layers, but \(sizes.count) sizes")
    }
    return names.enumerated().map { index, name in
      LaplaceLayer(
        name: name, outputs: sizes[3 * index], inputs: sizes[3 * index + 1], hasBias: sizes[3 * index + 2] != 0)
    }
  }

  private static func numbers(_ file: Safetensors, _ name: String, shape: [Int]) throws -> [Double] {
    let stored = try file.tensor(name)
    let values = try stored.doubles()
    guard stored.shape == shape, values.allSatisfy(\.isFinite) else {
      throw PosteriorError(
        .invalidSnapshot, "\(name) of the Laplace posterior must be finite and of shape \(shape), not \(stored.shape)")
    }
    return values
  }
}
