import Specification

extension ImageSet {
  /// Checks that the pictures have what a cascade is conditioned on.
  ///
  /// Throws `DatasetError` for captions or labels that are missing, or more classes than the job says.
  public func require(_ condition: CascadeSpecification.Condition) throws(DatasetError) {
    switch condition {
    case .none: break
    case .text:
      guard hasCaptions else {
        throw DatasetError(
          .caption,
          "\(name): the job learns from captions, and the pictures have none; add captions.tsv, or leave out `text`")
      }
    case .classes(let count):
      try requireLabels()
      guard classCount <= count else {
        throw DatasetError(
          .label,
          "\(name): the labels are of \(classCount) classes, the job says `classes: \(count)`; write \(classCount)")
      }
    }
  }

  /// Checks that the pictures have labels, so many at least.
  ///
  /// Throws `DatasetError.Code.label` if they have none, or fewer.
  public func requireLabels(_ least: Int = 0) throws(DatasetError) {
    guard hasLabels else {
      throw DatasetError(.label, "\(name): the job learns classes, and the pictures have no labels; give labels")
    }
    guard count >= least else {
      throw DatasetError(.label, "\(name): \(count) pictures have not \(least) labels; lower `labels.last`")
    }
  }
}
