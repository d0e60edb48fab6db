import Runtime
import Tensors

extension Workshop {
  /// Every kind of task that Tributary has.
  ///
  /// - Parameter threads: Threads of libtorch in each task. Its results are the same bytes only for the same number.
  public static func complete(threads: Int) throws(TensorError) -> Workshop {
    try setThreadCount(threads)
    return Workshop(
      workloads: ["chain": ChainWorkload(), "evaluation": EvaluationWorkload(), "probe": ProbeWorkload()],
      // OpenMP keeps the number for each thread. It was accepted above, so it is accepted here.
      prepareThread: { try? setThreadCount(threads) })
  }
}
