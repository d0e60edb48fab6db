import Foundation
import Store
import TestSupport
import Testing

/// Names in a job's folder: given once or often, they lead to the same bytes, and never out of the folder.
struct JobFolderTests {
  @Test func publishingIsIdempotentAndTakesNoSpace() throws {
    let folder = try TemporaryFolder()
    let store = try StoreFolder(at: folder.path)
    let digest = try store.blobs.put(Array("draws".utf8))
    let job = store.folder(of: "job")
    for _ in 0..<2 { try job.publish(digest, as: "posterior.zarr/posterior/a/0.0", from: store.blobs) }
    #expect(try folder.files(below: "jobs") == ["job/posterior.zarr/posterior/a/0.0"])
    let path = "\(job.path)/posterior.zarr/posterior/a/0.0"
    let links = try FileManager.default.attributesOfItem(atPath: path)[.referenceCount] as? Int
    #expect(links == 2)
  }

  @Test(arguments: [
    "../x", "/etc/passwd", "a/../../b", "a//b", "", ".", "a/.", "a\0b", String(repeating: "a", count: 1025),
  ])
  func namesThatLeadOutAreRefused(name: String) throws {
    let folder = try TemporaryFolder()
    let store = try StoreFolder(at: folder.path)
    let digest = try store.blobs.put(Array("x".utf8))
    let error = #expect(throws: StoreError.self) {
      try store.folder(of: "job").publish(digest, as: name, from: store.blobs)
    }
    #expect(error?.code == .badName)
    #expect(!JobFolder.isSafe(name))
  }

  @Test func aMissingBlobIsNamed() throws {
    let folder = try TemporaryFolder()
    let store = try StoreFolder(at: folder.path)
    let error = #expect(throws: StoreError.self) {
      try store.folder(of: "job").publish(Digest(of: []), as: "a", from: store.blobs)
    }
    #expect(error?.code == .missing)
    #expect(error?.message.contains("blob of a") == true)
  }
}
