import ArgumentParser

@main
struct Tributary: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "Runs Markov chains and trains cascades of diffusion models on one or several hosts, and loses nothing.",
    discussion: """
      On one machine `tributary run JOB.yaml` is all it takes. On several, start `tributary coordinator` on one and \
      `tributary-worker` on all, then `tributary submit JOB.yaml`.

      Exit codes: 0 done, 1 the job failed or the store is damaged, 64 wrong usage, 65 bad job file or data, 66 file or job missing, \
      69 no coordinator or port in use, 70 all workers ended, 73 store not writable, 74 disk full, 75 refused, 76 other version, 77 key not accepted, \
      78 bad configuration, 130 interrupted.
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, SubmitCommand.self, ValidateCommand.self, JobsCommand.self, StatusCommand.self,
      WatchCommand.self, CancelCommand.self, RetryCommand.self, ReportCommand.self, SampleCommand.self,
      EvaluateCommand.self, ExportCommand.self, WorkersCommand.self, CoordinatorCommand.self, KeygenCommand.self,
      StoreCommand.self,
    ])
}
