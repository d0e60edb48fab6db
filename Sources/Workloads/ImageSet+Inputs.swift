import Datasets
import Specification

extension ImageSet {
  /// The pictures of a set whose files are read by a function, by the names that the job has for them.
  init(_ specification: ImageDataSpecification, read: (String) throws -> [UInt8]?) throws {
    var files: [String: [UInt8]] = [:]
    for input in specification.inputs { files[input.path] = try read(input.path) }
    try self.init(specification, files: files)
  }
}
