import Diffusion
import Specification
import Tensors

/// The hybrid loss of Improved DDPM.
let lossCheckers = [
  ParityChecker(kind: "Improved-DDPM hybrid loss") { reference, comparison in
    let schedule = try DiscreteSchedule(betas: reference.values("betas"))
    let configuration = DiffusionConfiguration(
      parameterization: .epsilon, learnsVariance: true,
      boundWeight: reference.definition["vb_loss_weight"]?.real ?? 0.001)
    let objective = try DiffusionObjective(configuration, schedule: schedule)
    let batch = try objective.batch(
      reference.tensor("x0"), noise: reference.tensor("noise"),
      levels: reference.values("t").map { schedule.level(timestep: Int($0)) })
    try comparison.compare(batch.noisy, with: "x_t")
    let losses = try objective.losses(reference.tensor("model_output"), for: batch)
    try comparison.compare(losses.mean(), with: "loss")
  }
]
