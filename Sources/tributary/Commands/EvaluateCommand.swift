import ArgumentParser
import Runtime
import Specification

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compares pictures drawn by a cascade with those of its data.",
    discussion: """
      Draws with the newest weights that each stage has committed, in a job of its own, and reports the Fréchet distance \
      (FID), the kernel distance (KID), precision, recall and inception score by the features of a small network that is \
      trained on the same data, or of a TorchScript file that the cascade's job names; for captions also how often the \
      right one wins.
      """)

  @Argument(help: "Name of the cascade's job.")
  var job: String

  @Option(help: "Pictures to draw, for each guidance.")
  var count = 1000

  @Option(help: "A guidance of all stages; can be given several times. By default each stage's own.")
  var guidance: [Double] = []

  @Option(help: "Steps of sampling in all stages; by default what the job says for each.")
  var steps: Int?

  @Option(help: "Steps in which the feature network is trained.")
  var featureSteps = 1500

  @Option(help: "Pictures of a task.")
  var batch = 50

  @OptionGroup var derived: DerivedJobOptions

  func validate() throws {
    guard (4...1_000_000).contains(count), (1...4096).contains(batch), (1...1_000_000).contains(featureSteps) else {
      throw ValidationError("--count must be from 4 to 1000000, --batch from 1 to 4096.")
    }
    guard guidance.allSatisfy((0...1000).contains), (1...100_000).contains(steps ?? 1) else {
      throw ValidationError("--guidance must be from 0 to 1000, --steps from 1 to 100000.")
    }
  }

  func run() throws {
    let evaluation = EvaluationSpecification(
      count: count, batch: batch, guidance: guidance, features: .trained(steps: featureSteps))
    try derived.run(from: job, suffix: "evaluation") { name in
      SamplingJob(name: name, evaluation: evaluation, steps: steps)
    }
  }
}
