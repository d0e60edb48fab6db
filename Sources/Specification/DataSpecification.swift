/// Which table a regression job learns from, and which of its rows are held out.
public struct DataSpecification: Equatable, Sendable {
  /// Where the table comes from.
  public var source: Source
  /// Which rows train and which test.
  public var split: Split

  /// Creates a description of a table and its split.
  public init(source: Source, split: Split = .standard(0)) {
    self.source = source
    self.split = split
  }

  /// Where a table comes from.
  public enum Source: Equatable, Sendable {
    /// A set that ships with the program.
    case shipped(ShippedSet)
    /// A table of the user's own.
    case file(TableFile)
  }

  /// A division into training and test rows.
  public enum Split: Equatable, Sendable {
    /// One of the twenty standard splits, 0…19: nine tenths of the rows train.
    case standard(Int)
    /// A part of the shuffled rows is held out; `testFraction` lies in 0…1.
    case shuffled(testFraction: Double, seed: UInt32)
    /// The last so many rows are held out.
    case last(rows: Int)
  }
}

/// Regression sets of the UCI repository that ship with the program.
public enum ShippedSet: String, CaseIterable, Sendable {
  case yacht, energy, concrete
}

/// A table of numbers in a file of the user's.
public struct TableFile: Equatable, Sendable {
  /// Path, relative to the job file unless absolute.
  public var path: String
  /// Column to predict; all others are features.
  public var target: Column
  /// Whether the first line names the columns.
  public var header: Bool

  /// Creates a description of a file.
  public init(path: String, target: Column, header: Bool = true) {
    self.path = path
    self.target = target
    self.header = header
  }

  /// A column of a table.
  public enum Column: Equatable, Sendable {
    /// By its name in the header.
    case name(String)
    /// By its number, from 0.
    case index(Int)
  }
}

extension DataSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let file = section.optional("file")
    if let file {
      if section.optional("set") != nil { throw file.error(.conflict, "give either `set` or `file`, not both") }
      source = .file(try TableFile(path: file.text(), from: &section))
    } else {
      let advice = "name a shipped set (`set: yacht`) or a table of yours (`file: my.csv`)"
      source = .shipped(try section.required("set", advice).choice())
    }
    split = try Split(from: &section, isShipped: file == nil)
  }
}

extension DataSpecification.Split {
  fileprivate init(from section: inout Section, isShipped: Bool) throws(SpecificationError) {
    let standard = section.optional("split")
    if let rows = section.optional("testRows") {
      if isShipped { throw rows.error(.conflict, "is for tables of your own; shipped sets have `split: 0` to 19") }
      for key in ["split", "testFraction", "seed"] where section.optional(key) != nil {
        throw rows.error(.conflict, "give either `testRows` or `\(key)`, not both")
      }
      self = .last(rows: try rows.integer(in: 1...1_000_000_000))
      return
    }
    guard let fraction = section.optional("testFraction") else {
      if let seed = section.optional("seed") {
        throw seed.error(.conflict, "belongs to `testFraction`, which is missing; standard splits have no seed")
      }
      self = .standard(try standard?.integer(in: 0...19) ?? 0)
      return
    }
    if isShipped { throw fraction.error(.conflict, "is for tables of your own; shipped sets have `split: 0` to 19") }
    if let standard { throw standard.error(.conflict, "give either `split` or `testFraction`, not both") }
    let seed = try section.optional("seed")?.integer(in: 0...Int(UInt32.max)) ?? 1
    self = .shuffled(testFraction: try fraction.number(in: 0.001...0.999), seed: UInt32(seed))
  }
}

extension TableFile {
  fileprivate init(path: String, from section: inout Section) throws(SpecificationError) {
    let target = try section.required("target", "name the column to predict, or give its number from 0")
    self.init(path: path, target: try Column(target), header: try section.optional("header")?.flag() ?? true)
    if !header, case .name(let name) = self.target {
      throw target.error(.conflict, "without a header, give the column's number from 0 instead of \(quoted(name))")
    }
  }
}

extension TableFile.Column {
  /// An unquoted whole number is an index, everything else a name.
  fileprivate init(_ field: Field) throws(SpecificationError) {
    if let word = field.word, Int(word) != nil {
      self = .index(try field.integer(in: 0...100_000))
    } else {
      self = .name(try field.text(bytesMax: 256))
    }
  }
}
