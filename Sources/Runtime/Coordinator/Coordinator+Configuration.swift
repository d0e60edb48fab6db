import Telemetry

extension Coordinator {
  /// Where a coordinator listens and what it works on.
  public struct Configuration: Sendable {
    /// For example `tcp://127.0.0.1:5555`; port `*` takes a free one.
    public var endpoint: String
    /// The store's folder, made if it is missing.
    public var storePath: String
    /// Secret key of the coordinator; without one it listens on loopback only.
    public var secretKeyFile: String?
    /// Folder or file of the public keys that may connect.
    public var allowedKeysPath: String?
    /// Listen on any address without keys.
    public var isInsecure = false
    /// Where to show figures; nil if nobody looks.
    public var vitals: Vitals?
    /// Bytes that the blobs may take; beyond, nothing is stored until there is room.
    public var quotaBytes: Int?
    /// Bytes to be kept free on the store's disk; a hundredth of it, up to 1 GiB, if nil.
    public var freeBytesMin: Int?
    /// Seconds for which blobs are kept that no job needs: a commit that names them may be on its way.
    public var garbageAge = 3600.0

    public init(endpoint: String, storePath: String) {
      self.endpoint = endpoint
      self.storePath = storePath
    }
  }
}
