import Datasets
import Formats
import Foundation
import Specification
import Testing

@Suite struct ImageSetTests {
  /// A picture of one colour.
  private static func png(_ colour: [UInt8], width: Int = 4, height: Int = 4) throws -> [UInt8] {
    let pixels = Array(repeatElement(colour, count: width * height).joined())
    return try Image(width: width, height: height, channels: 3, pixels: pixels).png()
  }

  private static func folder(_ files: [(String, [UInt8])]) throws -> [String: [UInt8]] {
    var bundle = FileBundle()
    for (name, bytes) in files { bundle.add(name, bytes) }
    return ["set": try bundle.tar()]
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func captioned(_ table: String) throws -> [String: [UInt8]] {
    try folder([
      ("captions.tsv", text(table)), ("images/0.png", png([255, 0, 0])), ("images/1.png", png([0, 255, 0])),
      ("images/2.png", Array(png([0, 0, 255]).dropLast(20))),
    ])
  }

  @Test func aFolderHasItsCaptionsByFileOrNumber() throws {
    for column in ["file", "index"] {
      let names = column == "file" ? ["images/0.png", "images/1.png", "./images/2.png"] : ["0", "1", "2"]
      let rows = zip(names, ["red\ta, b\tx", "green\t\ty", "blue\tc\tx"]).map { "\($0)\t\($1)\r\n" }.joined()
      let files = try Self.captioned("\(column)\tcaption\tkeywords\tlabel\r\n\(rows)")
      let specification = ImageDataSpecification(
        source: .folder("set"), captionColumns: ["caption", "keywords"], onBadImage: .skip)
      let set = try ImageSet(specification, files: files)
      #expect(set.count == 2)
      #expect(set.caption(at: 0) == "red, a, b")
      #expect(set.caption(at: 1) == "green")
      #expect(set.classNames == ["x", "y"])
      #expect((0..<2).map { set.label(at: $0) } == [0, 1])
      #expect(set.skipped.count == 1)
      #expect(set.skipped.first?.name == "images/2.png")
      #expect(try set.image(at: 1, width: 2, height: 2).pixels == [0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0])
    }
  }

  @Test func whatIsWrongWithAFolderIsSaid() throws {
    func error(_ table: String, _ specification: ImageDataSpecification = .init(source: .folder("set"))) -> String {
      do {
        try ImageSet(specification, files: Self.captioned(table)).verify()
        return "nothing is wrong"
      } catch { return "\(error)" }
    }
    let all = "file\tcaption\nimages/0.png\tred\nimages/1.png\tgreen\nimages/2.png\tblue\n"
    #expect(error(all).contains("set: images/2.png: PNG picture: "))
    #expect(error(all).contains("onBadImage: skip"))
    #expect(
      error(all.replacing("green", with: " ")).contains("1 pictures have no caption, the first is \"images/1.png\""))
    #expect(error(all.replacing("images/1.png", with: "images/7.png")).contains("line 3 of captions.tsv names"))
    #expect(error("file\tcaption\nimages/0.png\n").contains("captions.tsv:2: 1 columns"))
    #expect(error("file\tname\n").contains("there is no column \"caption\"; the columns are: file, name"))
    #expect(error("name\tcaption\n").contains("no column `file` (or `index`)"))
    #expect(error(all, .init(source: .folder("other"))) == "other: the file of the job was not supplied")
    let skipping = ImageDataSpecification(
      source: .folder("set"), without: ["blue"], onBadImage: .skip, onMissingCaption: .skip)
    let set = try ImageSet(skipping, files: Self.captioned(all.replacing("green", with: "")))
    #expect(set.count == 1)
    #expect(set.skipped.map(\.reason) == ["it has no caption"])
  }

  @Test func subfoldersAreClasses() throws {
    let files = try Self.folder([
      ("dog/1.png", Self.png([1, 2, 3])), ("cat/1.png", Self.png([4, 5, 6])), ("cat/x.txt", []),
    ])
    let set = try ImageSet(ImageDataSpecification(source: .folder("set")), files: files)
    #expect(set.classNames == ["cat", "dog"])
    #expect((0..<2).map { set.caption(at: $0) } == ["dog", "cat"])
    #expect(set.hasLabels && set.hasCaptions)
  }

  @Test func shardsHaveSamplesOfOneKey() throws {
    let files = try Self.folder([
      ("a/001.png", Self.png([9, 9, 9])), ("a/001.txt", Self.text("a grey\nsquare")), ("a/001.cls", Self.text("3\n")),
      ("a/002.json", Self.text(#"{"caption": "black", "label": 1}"#)), ("a/002.seg.png", Self.png([1, 1, 1])),
      ("a/002.png", Self.png([0, 0, 0])), ("a/003.txt", Self.text("no picture")),
    ])
    let set = try ImageSet(ImageDataSpecification(source: .shards(["set"])), files: files)
    #expect(set.count == 2)
    #expect((0..<2).map { set.caption(at: $0) } == ["a grey square", "black"])
    #expect((0..<2).map { set.label(at: $0) } == [3, 1])
    #expect(set.classCount == 4)
    let bad = try Self.folder([("1.png", Self.png([9, 9, 9])), ("1.cls", Self.text("dog"))])
    let error = #expect(throws: DatasetError.self) {
      try ImageSet(ImageDataSpecification(source: .shards(["set"])), files: bad)
    }
    #expect(error?.code == .label)
  }

  @Test func picturesAreFittedToASquare() throws {
    let pixels = [0, 10, 20, 30].flatMap { [UInt8](repeating: $0, count: 3) }
    let wide = try Image(width: 4, height: 1, channels: 3, pixels: pixels).png()
    func row(_ fit: ImageFit) throws -> [UInt8] {
      let specification = ImageDataSpecification(source: .folder("set"), channels: 1, fit: fit)
      let set = try ImageSet(specification, files: Self.folder([("w.png", wide)]))
      return Array(try set.image(at: 0, width: 4, height: 4).pixels.prefix(8))
    }
    #expect(try row(.crop) == [10, 10, 10, 10, 10, 10, 10, 10])
    #expect(try row(.stretch) == [0, 10, 20, 30, 0, 10, 20, 30])
    #expect(try row(.pad) == [255, 255, 255, 255, 0, 10, 20, 30])
  }

  @Test func recordsOfIdxAndCIFARAreRead() throws {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6, 7, 8]
    let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]
    let idx = ImageDataSpecification(
      source: .idx(images: "i", labels: "l"), channels: 1, fit: .stretch, classes: ["shirt", "shoe"])
    let set = try ImageSet(idx, files: ["i": images, "l": labels])
    #expect((0..<2).map { set.caption(at: $0) } == ["shoe", "shirt"])
    #expect(try set.image(at: 1, width: 2, height: 1).pixels == [7, 8])
    #expect(throws: DatasetError.self) { try ImageSet(idx, files: ["i": images, "l": [0, 0, 8, 1, 0, 0, 0, 1, 1]]) }
    let record =
      [7] + [UInt8](repeating: 1, count: 1024) + [UInt8](repeating: 2, count: 1024) + [UInt8](repeating: 3, count: 1024)
    let cifar = try ImageSet(ImageDataSpecification(source: .cifar(["c"])), files: ["c": record + record])
    #expect(cifar.count == 2)
    #expect(cifar.label(at: 1) == 7)
    #expect(try cifar.image(at: 1, width: 1, height: 1).pixels == [1, 2, 3])
    #expect(throws: DatasetError.self) {
      try ImageSet(ImageDataSpecification(source: .cifar(["c"])), files: ["c": Array(record.dropLast())])
    }
  }

  @Test(arguments: [1, 2, 3, 100, 1025]) func eachEpochShowsEachPictureOnce(_ count: Int) {
    let order = ShuffledOrder(count: count, key: 42)
    let epochs = (0..<3).map { epoch in (0..<count).map { order.index(at: epoch * count + $0) } }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<count)) }
    if count > 3 { #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2]) }
  }

  /// In a random permutation the place of an element is uniform: a χ² test over many keys, 99.9 % limit of 9 degrees.
  @Test func ordersAreUniform() {
    var counts = [Double](repeating: 0, count: 10)
    var pairs: Set<[Int]> = []
    for key in 0..<5000 as Range<UInt64> {
      let order = ShuffledOrder(count: 10, key: key)
      counts[order.index(at: 3)] += 1
      pairs.insert([order.index(at: 0), order.index(at: 9)])
    }
    #expect(counts.reduce(0) { $0 + ($1 - 500) * ($1 - 500) / 500 } < 27.9)
    #expect(pairs.count == 90)
  }

  @Test func aPartIsHeldOutAndTheLoaderKeepsPictures() throws {
    let record = { (label: UInt8) in [label] + [UInt8](repeating: label, count: 3072) }
    let set = try ImageSet(
      ImageDataSpecification(source: .cifar(["c"])), files: ["c": (0..<10).flatMap { record($0) }])
    let parts = try set.split(heldOut: 0.2, key: 5)
    #expect(parts.heldOut.count == 2)
    #expect((parts.training + parts.heldOut).sorted() == Array(0..<10))
    #expect(throws: DatasetError.self) { try set.split(heldOut: 0.99, key: 5) }
    let loader = ImageLoader(set, width: 1, height: 1, cacheBytesMax: 7)
    for _ in 0..<2 { #expect(try loader.batch([3, 9, 3]) == [3, 3, 3, 9, 9, 9, 3, 3, 3]) }
  }
}
