import Datasets
import Foundation
import Specification
import Testing

private let dataFolder = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"].map { URL(filePath: $0) }

@Suite(.enabled(if: dataFolder != nil, "TRIBUTARY_DATA is unset")) struct SharedImageSetTests {
  private func file(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: #require(dataFolder).appending(path: name)))
  }

  @Test func mnistHasItsPublishedMeanAndDeviation() throws {
    let names = ["mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte.gz"]
    let specification = ImageDataSpecification(source: .idx(images: names[0], labels: names[1]), channels: 1)
    let set = try ImageSet(specification, files: [names[0]: file(names[0]), names[1]: file(names[1])])
    #expect(set.count == 60_000)
    #expect(set.classCount == 10)
    #expect((0..<5).map { set.label(at: $0) } == [5, 0, 4, 1, 9])
    let samples = try ImageLoader(set, width: 28, height: 28).batch(Array(0..<10_000))
    let mean = samples.reduce(0) { $0 + Double($1) } / 255 / Double(samples.count)
    #expect(abs(mean - 0.1307) < 0.002)
  }

  @Test func cifarRecordsHaveTheirLabels() throws {
    let name = "cifar10/train_first4000_exact.bin.gz"
    let specification = ImageDataSpecification(source: .cifar([name]))
    let set = try ImageSet(specification, files: [name: file(name)])
    #expect(set.count == 4000)
    // CIFAR-10 begins with a frog and two trucks.
    #expect((0..<3).map { set.label(at: $0) } == [6, 9, 9])
  }
}
