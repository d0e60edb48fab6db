import Specification

extension ShippedSet {
  /// The set's table with a header; the last column is the target. It is compiled in, so that programs need no folder of
  /// data beside them. Source and licence stand in `Resources/uci/README.md`.
  public var csv: [UInt8] {
    switch self {
    case .yacht: PackageResources.yacht_csv
    case .energy: PackageResources.energy_csv
    case .concrete: PackageResources.concrete_csv
    }
  }
}
