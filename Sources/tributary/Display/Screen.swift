import Foundation
import Glibc

/// Lines that are redrawn in place on a terminal; elsewhere only news is printed.
struct Screen {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var drawn = 0

  /// Whether lines can be redrawn.
  var canRedraw: Bool { isTerminal }

  /// Replaces what was drawn before.
  mutating func draw(_ lines: [String]) {
    let width = columns
    var output = drawn > 0 ? "\u{1b}[\(drawn)F\u{1b}[J" : ""
    for line in lines { output += line.prefix(width) + "\n" }
    drawn = lines.count
    write(output)
  }

  /// Leaves what is drawn and goes on below.
  mutating func keep() { drawn = 0 }

  /// Prints a line for good.
  func print(_ line: String) { write(line + "\n") }

  private var columns: Int {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 120
  }

  private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
