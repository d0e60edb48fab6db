import Foundation
import Fuzzing
import Synchronization

/// Fuzzes one target with libFuzzer, which the toolchain brings: inputs that reach new code are kept and changed further.
///
///     LibFuzzer list                        all targets
///     LibFuzzer run TARGET FOLDER OPTIONS   libFuzzer on the corpus, with what it finds below FOLDER
///     LibFuzzer line FILE                   the line of the corpus that stands for an input
@main
enum LibFuzzer {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch (arguments.first, arguments.count) {
    case ("list", 1): for target in FuzzTarget.all { print(target.name) }
    case ("line", 2): print(Corpus.line(of: Array(try Data(contentsOf: URL(filePath: arguments[1])))))
    case ("run", 3...):
      guard let target = FuzzTarget.all.first(where: { $0.name == arguments[1] }) else { fallthrough }
      try run(target, in: URL(filePath: arguments[2]), options: Array(arguments[3...]))
    default:
      FileHandle.standardError.write(Data("LibFuzzer: list, run TARGET FOLDER [OPTIONS], or line FILE\n".utf8))
      exit(64)
    }
  }

  private static func run(_ target: FuzzTarget, in folder: URL, options: [String]) throws {
    let corpus = folder.appending(path: "corpus/\(target.name)")
    try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
    for (number, seed) in try target.seeds().enumerated() {
      try Data(seed).write(to: corpus.appending(path: "seed-\(number)"))
    }
    let dictionary = folder.appending(path: "dictionary")
    let words = target.tokens.map { "\"" + $0.utf8.map { "\\x" + String(format: "%02x", $0) }.joined() + "\"\n" }
    try Data(words.joined().utf8).write(to: dictionary)
    Self.target.withLock { $0 = target }
    let findings = "-artifact_prefix=\(folder.path)/\(target.name.replacing("/", with: "-"))-"
    // libFuzzer refuses a dictionary without entries.
    let dictionaries = words.isEmpty ? [] : ["-dict=\(dictionary.path)"]
    let arguments = ["LibFuzzer"] + dictionaries + [findings] + options + [corpus.path]
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var count = Int32(arguments.count)
    exit(
      pointers.withUnsafeMutableBufferPointer { buffer in
        var start = buffer.baseAddress
        return runDriver(&count, &start) { bytes, length in
          LibFuzzer.take(Array(UnsafeBufferPointer(start: bytes, count: length)))
          return 0
        }
      })
  }

  /// The callback of libFuzzer is a plain C function, so what it needs cannot be handed to it.
  private static let target = Mutex<FuzzTarget?>(nil)

  /// A broken promise ends the process: libFuzzer then keeps the input.
  private static func take(_ bytes: [UInt8]) {
    do throws(BrokenPromise) {
      _ = try target.withLock { $0 }?.take(bytes)
    } catch {
      FileHandle.standardError.write(Data("broken promise: \(error)\n".utf8))
      abort()
    }
  }
}

/// `LLVMFuzzerRunDriver`, libFuzzer's entry for programs that have a `main` of their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
