import ArgumentParser
import Foundation
import Runtime
import Specification
import Store

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a stage of a cascade as a folder that diffusers loads.",
    discussion: """
      The folder has config.json and diffusion_pytorch_model.safetensors, for UNet2DModel.from_pretrained or \
      UNet2DConditionModel.from_pretrained.
      """)

  @Argument(help: "Name of the cascade's job.")
  var job: String

  @Argument(help: "Name of the stage.")
  var stage: String

  @Argument(help: "Folder to write, made if it is missing.", completion: .directory)
  var folder: String

  @Flag(help: "The weights as they were at the end, instead of their average.")
  var notAveraged = false

  @OptionGroup var origin: JobOrigin

  func run() throws {
    try ProcessEnd.reporting {
      let client = try origin.client()
      let yaml = try read("job.yaml", client)
      let specification = try JobSpecification(yaml: yaml, file: "\(job).yaml")
      try check(specification)
      let config = try read("stages/\(stage)/config.json", client)
      let weights = try read("stages/\(stage)/\(notAveraged ? "weights" : "ema").safetensors", client)
      try DurableFile.makeFolder(folder)
      try DurableFile.write(config, to: "\(folder)/config.json")
      try DurableFile.write(weights, to: "\(folder)/diffusion_pytorch_model.safetensors")
      print("wrote \(folder)/config.json and \(folder)/diffusion_pytorch_model.safetensors")
    }
  }

  private func check(_ specification: JobSpecification) throws {
    guard case .cascade(let cascade) = specification.work else {
      throw CommandError("Job \(job) is no cascade; only stages of cascades are exported.", exitCode: 65)
    }
    guard let found = cascade.stages.first(where: { $0.name == stage }) else {
      let known = cascade.stages.map(\.name).joined(separator: ", ")
      throw CommandError("Job \(job) has no stage \(stage). It has: \(known).", exitCode: 66)
    }
    guard case .efficientUNet = found.network else { return }
    throw CommandError(
      """
      The stage \(stage) is an efficientUNet, whose scaled skip connections the configuration of diffusers cannot say. Only \
      stages of `type: unet` or with a config of diffusers are exported; the weights are in stages/\(stage).
      """, exitCode: 65)
  }

  /// A file of the job: from its coordinator, or from the store, which may be in use.
  private func read(_ name: String, _ client: Client?) throws -> [UInt8] {
    if let client { return try client.artifact(name, of: job) }
    do throws(StoreError) {
      return try DurableFile.read(origin.path(of: name, in: job))
    } catch {
      throw CommandError(
        "\(error.message) If the job runs, its stage may have committed nothing yet; if it is elsewhere, name the store with --store.",
        exitCode: 66)
    }
  }
}
