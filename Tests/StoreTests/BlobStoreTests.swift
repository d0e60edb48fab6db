import Foundation
import Glibc
import Store
import TestSupport
import Testing

/// Blobs are named by what they are, and by nothing else.
struct BlobStoreTests {
  /// The example of FIPS 180-2: SHA-256 of "abc".
  @Test func theNameIsTheDigest() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let digest = try blobs.put(Array("abc".utf8))
    #expect(digest.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try folder.files(below: "blobs") == ["sha256/ba/\(digest.description.dropFirst(2))"])
    #expect(try blobs.read(digest) == Array("abc".utf8))
    #expect(try blobs.put(Array("abc".utf8)) == digest)
    #expect(Digest("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD") == nil)
  }

  @Test func bytesThatRotAreFoundOut() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let digest = try blobs.put(Array("abc".utf8))
    try Data("abd".utf8).write(to: URL(fileURLWithPath: blobs.path(of: digest)))
    let error = #expect(throws: StoreError.self) { try blobs.read(digest) }
    #expect(error?.code == .corrupt)
  }

  /// Pieces of any size come together; nothing has a name before the last one, and leftovers vanish with the upload.
  @Test(arguments: [1, 7, 1000])
  func anUploadIsThereWholeOrNotAtAll(pieceBytes: Int) throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 31) }
    let digest = Digest(of: bytes)
    let upload = try IncomingBlob(digest, size: bytes.count, into: blobs)
    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
      #expect(!blobs.contains(digest))
      let isComplete = try upload.append(Array(bytes[start..<min(bytes.count, start + pieceBytes)]))
      #expect(isComplete == (upload.offset == bytes.count))
    }
    #expect(try blobs.read(digest) == bytes)
    #expect(try blobs.read(digest, offset: 990, count: 100).bytes == Array(bytes[990...]))
  }

  @Test func anUploadOfOtherBytesIsRefused() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let digest = Digest(of: Array("abc".utf8))
    var upload: IncomingBlob? = try IncomingBlob(digest, size: 3, into: blobs)
    #expect(throws: StoreError.self) { try upload?.append(Array("abd".utf8)) }
    #expect(throws: StoreError.self) { try IncomingBlob(digest, size: 3, into: blobs).append(Array("abcd".utf8)) }
    upload = nil
    #expect(try folder.files(below: "blobs") == [])
  }

  @Test func aStoreHasOneCoordinatorAndOneIdentity() throws {
    let folder = try TemporaryFolder()
    var first: StoreFolder? = try StoreFolder(at: "\(folder.path)/store")
    let identity = try #require(first?.identity)
    let error = #expect(throws: StoreError.self) { try StoreFolder(at: "\(folder.path)/store") }
    #expect(error?.code == .inUse)
    #expect(StoreFolder.isReachable("\(folder.path)/store", identity: identity))
    #expect(!StoreFolder.isReachable("\(folder.path)/store", identity: "another"))
    first = nil
    #expect(try StoreFolder(at: "\(folder.path)/store").identity == identity)
  }
}
