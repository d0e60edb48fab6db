import Formats
import Specification

extension ImageSet {
  /// A folder with a caption table, or one whose sub-folders are classes, or pictures alone.
  static func folder(
    _ files: FileBundle, path: String, _ specification: ImageDataSpecification
  ) throws(DatasetError) -> Found {
    let pictures = files.names.filter { name in
      name.lastIndex(of: ".").map { endings.contains(name[name.index(after: $0)...].lowercased()) } ?? false
    }
    if let table = files["captions.tsv"] {
      return try captioned(
        pictures, in: files, table: CaptionTable(bytes: table, file: "\(path)/captions.tsv"), specification)
    }
    let folders = pictures.map { name in name.firstIndex(of: "/").map { String(name[..<$0]) } }
    let classes = folders.contains(nil) ? [] : Set(folders.compactMap { $0 }).sorted()
    let isClassified = classes.count > 1
    let numbers = Dictionary(uniqueKeysWithValues: zip(classes, 0...))
    let records = zip(pictures, folders).map { name, folder in
      let label = isClassified ? folder.flatMap { numbers[$0] } : nil
      return Record(name: name, pixels: .file(files[name] ?? []), caption: label.map { classes[$0] }, label: label)
    }
    return Found(records: records, classNames: isClassified ? classes : [])
  }

  /// Pictures in the order of their table; then those that it does not name, which have no caption.
  private static func captioned(
    _ pictures: [String], in files: FileBundle, table: CaptionTable, _ specification: ImageDataSpecification
  ) throws(DatasetError) -> Found {
    var found = Found(expectsCaptions: true)
    var columns: [Int] = []
    for name in specification.captionColumns { columns.append(try table.column(name)) }
    let classes = try Classes(table, names: specification.classes)
    let locate = try Locator(table, pictures: pictures)
    var named: Set<String> = []
    for row in table.rows {
      let name = try locate.picture(of: row)
      guard let bytes = files[name] else {
        let reason = "line \(row.line) of captions.tsv names \(shown(name)), which the folder does not have"
        guard specification.onBadImage == .skip else { throw DatasetError(.image, reason) }
        found.faults.append(Fault(name: name, reason: reason))
        continue
      }
      named.insert(name)
      let isUnwanted = row.fields.contains { field in specification.without.contains { field.contains($0) } }
      guard !isUnwanted else { continue }
      let caption = columns.map { row.fields[$0] }.filter { !$0.isEmpty }.joined(separator: ", ")
      found.records.append(
        Record(name: name, pixels: .file(bytes), caption: caption.nonEmpty, label: try classes?.label(of: row)))
    }
    found.classNames = classes?.names ?? []
    for name in pictures where !named.contains(name) {
      found.records.append(Record(name: name, pixels: .file(files[name] ?? [])))
    }
    return found
  }
}

/// Finds the picture that a line of a caption table names.
private struct Locator {
  private let column: CaptionTable.PictureColumn
  private let byNumber: [Int: String]

  init(_ table: CaptionTable, pictures: [String]) throws(DatasetError) {
    column = try table.pictureColumn()
    guard case .index = column else {
      byNumber = [:]
      return
    }
    let numbered = pictures.compactMap { name -> (Int, String)? in
      let file = name.split(separator: "/").last ?? ""
      return Int(file.prefix { $0 != "." }).map { ($0, name) }
    }
    byNumber = Dictionary(numbered, uniquingKeysWith: { first, _ in first })
  }

  func picture(of row: CaptionTable.Row) throws(DatasetError) -> String {
    switch column {
    case .file(let index): return row.fields[index].split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    case .index(let index):
      guard let number = Int(row.fields[index]) else {
        throw DatasetError(.caption, "captions.tsv:\(row.line): \(shown(row.fields[index])) is no number of a picture")
      }
      return byNumber[number] ?? "\(number)"
    }
  }
}

/// The column `label` of a caption table: numbers, or names of classes.
private struct Classes {
  let names: [String]
  private let column: Int
  private let numbers: [Substring: Int]

  init?(_ table: CaptionTable, names given: [String]) throws(DatasetError) {
    guard let column = table.columns.firstIndex(of: "label") else { return nil }
    self.column = column
    let values = Set(table.rows.map { $0.fields[column] })
    let areNumbers = values.allSatisfy { Int($0) ?? -1 >= 0 }
    names = areNumbers ? given : given.isEmpty ? values.map(String.init).sorted() : given
    numbers =
      areNumbers
      ? Dictionary(uniqueKeysWithValues: values.map { ($0, Int($0) ?? 0) })
      : Dictionary(zip(names.map { $0[...] }, 0...), uniquingKeysWith: { first, _ in first })
  }

  func label(of row: CaptionTable.Row) throws(DatasetError) -> Int {
    if let number = numbers[row.fields[column]] { return number }
    throw DatasetError(.label, "captions.tsv:\(row.line): \(shown(row.fields[column])) is none of the classes")
  }
}
