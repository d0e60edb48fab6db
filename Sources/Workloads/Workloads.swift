import Runtime

/// Every kind of task that a worker can run, by the name that plans use.
public let allWorkloads: [String: any Workload] = [
  "chain": ChainWorkload(),
  "evaluation": EvaluationWorkload(),
  "probe": ProbeWorkload(),
]
