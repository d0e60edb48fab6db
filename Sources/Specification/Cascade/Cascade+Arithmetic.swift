/// Whether a stage fits: all that can be known before anything is computed.
extension CascadeSpecification {
  /// Checks a stage against itself and those before it.
  /// - Parameter field: The stage in the file.
  func check(_ stage: StageSpecification, _ field: Field) throws(SpecificationError) {
    var section = try Section(field)
    // What is not in the file has its default value; then the stage as a whole is to blame.
    let place = { (key: String) in section.optional(key) ?? field }
    if stages.contains(where: { $0.name == stage.name }) {
      throw place("name").error(.conflict, "another stage is named \(quoted(stage.name)); choose another name")
    }
    let factor = 1 << ((stage.network.levels ?? 1) - 1)
    guard stage.resolution.isMultiple(of: factor) else {
      throw place("resolution").error(
        .conflict,
        "\(stage.resolution) cannot be halved \(log2(factor)) times, as the network does; take a multiple of \(factor), or "
          + "fewer multipliers")
    }
    try checkAttention(stage, place("network"))
    if let before = stages.last { try check(stage, after: before, place) } else { try checkFirst(stage, place) }
    if let crop = stage.crop { try check(crop, stage, factor, place("crop")) }
  }

  private func check(
    _ stage: StageSpecification, after before: StageSpecification, _ place: (String) -> Field
  ) throws(SpecificationError) {
    guard stage.resolution > before.resolution, stage.resolution.isMultiple(of: before.resolution) else {
      throw place("resolution").error(
        .conflict,
        "must be a multiple of \(before.resolution), the resolution of the stage \(quoted(before.name)) before, such as "
          + "\(2 * before.resolution)")
    }
  }

  private func checkFirst(_ stage: StageSpecification, _ place: (String) -> Field) throws(SpecificationError) {
    if case .efficientUNet = stage.network {
      throw place("network").error(.conflict, "an efficientUNet enlarges pictures; the first stage needs `type: unet`")
    }
    if let crop = stage.crop {
      throw place("crop").error(.conflict, "the first stage draws whole pictures; leave out `crop: \(crop)`")
    }
  }

  /// Attention belongs to resolutions that the network has.
  private func checkAttention(_ stage: StageSpecification, _ field: Field) throws(SpecificationError) {
    let (own, text): ([Int], [Int])
    switch stage.network {
    case .unet(let unet): (own, text) = (unet.attention, unet.crossAttention)
    case .efficientUNet(let unet): (own, text) = (unet.attention, unet.crossAttention)
    case .config: return
    }
    var section = try Section(field)
    let resolutions = (0..<(stage.network.levels ?? 1)).map { stage.resolution >> $0 }
    for (key, chosen) in [("attention", own), ("crossAttention", text)] {
      guard let wrong = chosen.first(where: { !resolutions.contains($0) }) else { continue }
      let known = resolutions.map(String.init).joined(separator: ", ")
      throw (section.optional(key) ?? field).error(
        .conflict, "the network has no resolution \(wrong); it has \(known)")
    }
    if case .text = self.condition { return }
    if let field = section.optional("crossAttention"), !text.isEmpty {
      throw field.error(.conflict, "there is no text to attend to; add `text` to the job, or leave this out")
    }
  }

  private func check(
    _ crop: Int, _ stage: StageSpecification, _ factor: Int, _ field: Field
  ) throws(SpecificationError) {
    let low = stages.last?.resolution ?? stage.resolution
    guard crop <= stage.resolution, crop.isMultiple(of: factor), crop.isMultiple(of: stage.resolution / low) else {
      let unit = max(factor, stage.resolution / low)
      throw field.error(
        .conflict,
        "\(crop) does not fit: parts must be multiples of \(unit), and at most \(stage.resolution), the stage's resolution"
      )
    }
  }

  private func log2(_ factor: Int) -> Int { factor.trailingZeroBitCount }
}
