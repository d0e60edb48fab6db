import Foundation
import Specification

extension SamplingConfiguration {
  /// The solver with these settings for a model that was trained on a schedule.
  /// - Throws: `DiffusionError` if method and schedule do not fit.
  public func solver(for schedule: any NoiseSchedule) throws(DiffusionError) -> any Solver {
    switch solver {
    case .ddpm(let variance): Ancestral(try chain(schedule), variance: variance)
    case .ddim(let eta): DDIM(try jumps(schedule), eta: eta)
    case .euler(let churn):
      Euler(
        try falling(schedule, .fractional), churn: churn, schedule: schedule,
        initialDeviation: try startDeviation(schedule))
    case .eulerAncestral(let eta):
      EulerAncestral(
        try falling(schedule, .fractional), eta: eta, initialDeviation: try startDeviation(schedule))
    case .heun(let churn):
      Heun(
        try falling(schedule, .fractional), churn: churn, schedule: schedule,
        initialDeviation: try startDeviation(schedule))
    case .dpmSolver(let configuration):
      configuration.form == .multistep
        ? try DPMSolver(try falling(schedule, .withoutLast), configuration)
        : try DPMSolverSinglestep(try falling(schedule, .withoutLast), configuration)
    case .predictorCorrector(let configuration): PredictorCorrector(try falling(schedule, .whole), configuration)
    case .eulerMaruyama:
      if let equation = schedule as? ScoreSDE {
        EulerMaruyama(equation, steps: steps)
      } else {
        throw DiffusionError(
          .conflict, "eulerMaruyama solves an equation in continuous time: use the schedule vp, subVP or ve")
      }
    }
  }

  /// DDPM's steps: each ends at the next timestep of the list, the last at the clean image, and noise is added wherever the
  /// timestep is not the chain's first.
  private func chain(_ schedule: any NoiseSchedule) throws(DiffusionError) -> [Interval] {
    guard let discrete = schedule as? DiscreteSchedule else { return try falling(schedule, .whole) }
    let times = try spacing.timesteps(of: discrete.timesteps, steps: steps, style: .whole)
    return times.indices.map { index in
      let to = index + 1 < times.count ? discrete.level(time: times[index + 1]) : .clean
      return Interval(from: discrete.level(time: times[index]), to: to, isNoisy: times[index] > 0)
    }
  }

  /// DDIM's steps: each ends T / N timesteps earlier, whatever the next one begins with; before the chain's first timestep
  /// lies the clean image, or that timestep for `sigmaMin`.
  private func jumps(_ schedule: any NoiseSchedule) throws(DiffusionError) -> [Interval] {
    guard let discrete = schedule as? DiscreteSchedule else { return try falling(schedule, .whole) }
    let jump = discrete.timesteps / steps
    return try spacing.timesteps(of: discrete.timesteps, steps: steps, style: .whole).map { time in
      let end = Int(time) - jump
      let to = end < 0 && spacing.final == .sigmaMin ? discrete.level(timestep: 0) : discrete.level(timestep: end)
      return Interval(from: discrete.level(time: time), to: to)
    }
  }

  /// DDIM's steps from image to noise: each begins T / N timesteps earlier than where it ends, and the network is told
  /// where it ends.
  public func inversion(for schedule: DiscreteSchedule) throws(DiffusionError) -> DDIM {
    let jump = schedule.timesteps / steps
    let ends = try spacing.timesteps(of: schedule.timesteps, steps: steps, style: .whole).reversed()
    return DDIM(
      ends.map { time in
        let start = Int(time) - jump
        var from = schedule.level(timestep: start < 0 && spacing.final == .sigmaMin ? 0 : start)
        from.time = time
        return Interval(from: from, to: schedule.level(time: time))
      })
  }

  /// Steps between neighbours of a list of falling levels.
  private func falling(
    _ schedule: any NoiseSchedule, _ style: TimestepStyle
  ) throws(DiffusionError) -> [Interval] {
    var levels = try levels(schedule, style)
    levels.append(spacing.final == .zero ? .clean : schedule.level(ratio: schedule.ratios.lowerBound))
    return [Interval](through: levels)
  }

  private func levels(_ schedule: any NoiseSchedule, _ style: TimestepStyle) throws(DiffusionError) -> [NoiseLevel] {
    guard let discrete = schedule as? DiscreteSchedule else { return try continuousLevels(schedule) }
    let finite = discrete.withFiniteRatios
    let isLimited = style == .withoutLast && spacing.sigmaMax < finite.ratios.upperBound
    let reach = isLimited ? Int(finite.time(ratio: spacing.sigmaMax)) + 1 : discrete.timesteps
    let chosen = try spacing.timesteps(of: discrete.timesteps, reach: reach, steps: steps, style: style)
      .map(finite.level(interpolatingRatioAt:))
    guard spacing.sigmas != .timesteps, let first = chosen.first, let last = chosen.last else { return chosen }
    // Over the whole chain, or over what the timesteps reach.
    let range = style == .withoutLast ? finite.ratios : last.ratio...first.ratio
    return sigmas(over: range).map { ratio in
      var level = finite.level(ratio: ratio)
      switch spacing.rounding {
      case .exact: break
      case .nearest: level.time.round(.toNearestOrEven)
      case .down: level.time.round(.down)
      }
      return level
    }
  }

  /// In continuous time: equal steps of the schedule's own time, or of σ as asked.
  private func continuousLevels(_ schedule: any NoiseSchedule) throws(DiffusionError) -> [NoiseLevel] {
    try require(steps > 0, "sampling takes at least one step")
    guard spacing.sigmas == .timesteps else {
      return sigmas(over: schedule.ratios).map { schedule.level(ratio: $0) }
    }
    return (0..<steps).map { schedule.level(fraction: 1 - Double($0) / Double(steps)) }
  }

  /// The standard deviation of a first sample of unscaled data.
  private func startDeviation(_ schedule: any NoiseSchedule) throws(DiffusionError) -> Double {
    let first = try levels(schedule, .fractional)[0]
    // Timesteps that reach the last level begin with its noise alone; otherwise what is left of unit data adds to it.
    let isNoiseAlone = schedule is DiscreteSchedule ? spacing.timesteps != .leading : first.alpha == 1
    return isNoiseAlone ? first.ratio : (1 + first.ratio * first.ratio).squareRoot()
  }

  private func sigmas(over range: ClosedRange<Double>) -> [Double] {
    switch spacing.sigmas {
    case .karras(let rho): karrasSigmas(range, count: steps, rho: rho)
    case .exponential, .timesteps: exponentialSigmas(range, count: steps)
    }
  }
}
