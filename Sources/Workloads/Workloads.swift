import Runtime
import Tensors

extension Workshop {
  /// Every kind of task that Tributary has.
  ///
  /// A task computes with as many threads as it needs cores, wherever it runs: its results are the same bytes only for the
  /// same number.
  public static let complete = Workshop(
    workloads: [
      "chain": ChainWorkload(), "evaluation": EvaluationWorkload(), "probe": ProbeWorkload(),
      "captions": CaptionsWorkload(), "stage": StageWorkload(), "preview": PreviewWorkload(),
      "sample": SampleWorkload(), "gallery": GalleryWorkload(), "features": FeaturesWorkload(),
      "cascade-evaluation": PictureEvaluationWorkload(), "trunk": MemberWorkload(), "member": MemberWorkload(),
      "ensemble-evaluation": EnsembleEvaluationWorkload(), "comparison": ComparisonWorkload(),
      "acquisition": AcquisitionWorkload(), "acquisition-comparison": AcquisitionComparisonWorkload(),
    ],
    prepare: {
      // libtorch refuses only numbers below 1, which no job can have.
      try? setThreadCount($0)
      keepFreedMemory()
    })
}
