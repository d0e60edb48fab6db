import Foundation
import Formats
import Tensors

/// One case of a folder of reference files: its entry in MANIFEST.json and its tensors.
struct ParityCase {
  /// The folder of the manifest.
  let folder: URL
  /// The file of tensors, relative to the folder; the case's name too.
  let file: String
  /// What the case is about, for example "model parity".
  let kind: String
  /// Largest error max |a − b| / (1 + |b|) that passes.
  let tolerance: Double
  /// The whole entry of the manifest.
  let definition: JSON
  /// The stored arrays.
  let tensors: Safetensors

  init(_ definition: JSON, folder: URL) throws {
    guard let file = definition["file"]?.text, let kind = definition["kind"]?.text,
      let tolerance = definition["tolerance"]?.real
    else { throw Unusable("an entry of the manifest lacks file, kind or tolerance: \(definition)") }
    self.folder = folder
    (self.file, self.kind, self.tolerance) = (file, kind, tolerance)
    self.definition = definition
    tensors = try Self.safetensors(folder.appending(path: file))
  }

  /// Reads another file of the folder.
  func safetensors(_ path: String) throws -> Safetensors { try Self.safetensors(folder.appending(path: path)) }

  /// Reads a JSON file of the folder.
  func json(_ path: String) throws -> JSON { try JSON(bytes: [UInt8](Data(contentsOf: folder.appending(path: path)))) }

  /// A stored array as a tensor of its own type.
  func tensor(_ name: String) throws -> Tensor { try tensors.tensor(name).asTensor() }

  /// A stored array's elements, of whatever number type, in C order.
  func values(_ name: String) throws -> [Double] { try tensors.tensor(name).values() }

  private static func safetensors(_ url: URL) throws -> Safetensors {
    try Safetensors(bytes: [UInt8](Data(contentsOf: url)))
  }
}

/// A case that names something that is not built: it is skipped, by that name.
struct NotBuilt: Error {
  let name: String
  init(_ name: String) { self.name = name }
}

/// A reference file that does not say what its case needs.
struct Unusable: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension JSON {
  /// The member of an object; nil if there is none, or if it is null.
  subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self, let member = members[key], member != .null else { return nil }
    return member
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
  var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  var whole: Int? { if case .integer(let number) = self { number } else { nil } }
  var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// Any number.
  var real: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}

extension Safetensors.Tensor {
  /// The elements as numbers, in C order.
  func values() throws -> [Double] {
    switch dtype {
    case .float32, .float64: try doubles()
    case .int32, .int64: try integerValues().map(Double.init)
    case .bool: try booleans().map { $0 ? 1 : 0 }
    case .uint8: bytes.map(Double.init)
    default: throw Unusable("reference files do not hold \(dtype.rawValue)")
    }
  }

  /// The same array in libtorch's memory.
  func asTensor() throws -> Tensor {
    switch dtype {
    case .float32: try Tensor(floats(), shape: shape)
    case .int32, .int64: try Tensor(integerValues().map(Int64.init), shape: shape)
    case .bool: try Tensor(bytes, shape: shape).converted(to: .bool)
    default: try Tensor(values(), shape: shape)
    }
  }
}
