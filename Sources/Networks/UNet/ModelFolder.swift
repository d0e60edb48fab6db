import Formats
import Foundation
import Tensors

/// A U-Net with its weights as a folder that diffusers' `from_pretrained` loads, and reads one that `save_pretrained` wrote.
///
///     config.json                             the configuration, in diffusers' words
///     diffusion_pytorch_model.safetensors     the weights, in 32-bit numbers
public struct ModelFolder {
  /// The name of the file with the configuration.
  public static let configurationName = "config.json"
  /// The name of the file with the weights.
  public static let weightsName = "diffusion_pytorch_model.safetensors"

  /// What the network is made of.
  public let configuration: UNetConfiguration
  /// Its weights.
  public let parameters: ParameterSet

  /// Joins a configuration and weights.
  public init(_ configuration: UNetConfiguration, _ parameters: ParameterSet) {
    self.configuration = configuration
    self.parameters = parameters
  }

  /// Reads a folder.
  /// - Throws: `NetworkError` if a file is missing, or if configuration or weights are not of a network built here;
  ///   `FormatError` if a file is damaged.
  public init(path: String) throws {
    let url = URL(filePath: path)
    configuration = try UNetConfiguration(json: JSON(bytes: Self.read(Self.configurationName, in: url)))
    let weights = try Safetensors(bytes: Self.read(Self.weightsName, in: url))
    let shapes = try UNet(configuration).parameterShapes
    parameters = try ParameterSet(weights: Self.renamed(weights), of: shapes)
  }

  /// The folder's files; equal networks give equal bytes.
  public func files() throws -> [(name: String, bytes: [UInt8])] {
    [(Self.configurationName, configuration.json.bytes), (Self.weightsName, try parameters.safetensors().encoded())]
  }

  /// Writes the files into a folder, which is made if it is missing.
  /// - Throws: `NetworkError` if they cannot be written.
  public func write(to path: String) throws {
    let files = try files()
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for file in files { try Data(file.bytes).write(to: URL(filePath: path).appending(path: file.name)) }
    } catch {
      throw NetworkError(.folder, "\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  private static func read(_ name: String, in folder: URL) throws -> [UInt8] {
    do { return [UInt8](try Data(contentsOf: folder.appending(path: name))) } catch {
      let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      throw NetworkError(
        .folder,
        "\(folder.path) has no \(name) that can be read (it has: \(found.sorted().joined(separator: ", "))); networks "
          + "are read as one safetensors file, as `save_pretrained(…, max_shard_size=\"100GB\")` writes it")
    }
  }

  /// Names of attention's parameters as diffusers wrote them before version 0.13, as it writes them now.
  private static let oldNames = [
    ".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0.",
  ]

  private static func renamed(_ weights: Safetensors) -> Safetensors {
    var renamed = Safetensors(metadata: weights.metadata)
    for name in weights.names {
      var new = name
      for (old, current) in oldNames where name.contains("attentions") {
        new = new.replacingOccurrences(of: old, with: current)
      }
      renamed[new] = weights[name]
    }
    return renamed
  }
}
