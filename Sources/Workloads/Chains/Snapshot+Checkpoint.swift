import Formats
import Posterior

extension Snapshot {
  /// The state as a safetensors file: arrays as F64, counters as I64 scalars.
  package func checkpoint() throws(FormatError) -> [UInt8] { try safetensors().encoded() }

  func safetensors() throws(FormatError) -> Safetensors {
    var file = Safetensors(metadata: ["format": "tributary chain state 1"])
    for array in arrays { file[array.name] = try Safetensors.Tensor(array.values, shape: array.shape) }
    for counter in counters { file[counter.name] = try Safetensors.Tensor([counter.value], shape: []) }
    return file
  }

  /// Reads what `checkpoint` wrote.
  package init(checkpoint bytes: [UInt8]) throws(FormatError) {
    let file = try Safetensors(bytes: bytes)
    var arrays: [NamedArray] = []
    var counters: [Counter] = []
    for name in file.names where !name.hasPrefix(SegmentRecord.prefix) {
      let tensor = try file.tensor(name)
      if tensor.dtype == .int64, let value = try tensor.integerValues().first {
        counters.append(Counter(name: name, value: value))
      } else {
        arrays.append(NamedArray(name: name, shape: tensor.shape, values: try tensor.doubles()))
      }
    }
    self.init(arrays: arrays, counters: counters)
  }
}
