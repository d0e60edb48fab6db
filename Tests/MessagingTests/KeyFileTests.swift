import Foundation
import Messaging
import Testing

@Suite struct KeyFileTests {
  @Test func keysSurviveTheirFiles() throws {
    try withFolder { folder in
      let keys = try KeyPair.generate()
      try keys.write(to: folder + "/host1", role: .worker)
      #expect(try mode(folder + "/host1.secret") == 0o600)
      #expect(try mode(folder + "/host1.key") == 0o644)
      let read = try KeyPair(secretFile: folder + "/host1.secret")
      #expect(read.publicKey == keys.publicKey)
      #expect(try PublicKey(file: folder + "/host1.key") == keys.publicKey)
      #expect(try AllowedKeys(path: folder)[keys.publicKey] == .init(name: "host1", role: .worker))
      #expect(try AllowedKeys(path: folder + "/host1.key")[keys.publicKey]?.role == .worker)
    }
  }

  @Test func filesThatAreThereStayAsTheyAre() throws {
    try withFolder { folder in
      try write("mine", folder + "/host1.key", mode: 0o644)
      let error = try #require(throws: MessagingError.self) { try KeyPair.generate().write(to: folder + "/host1") }
      #expect(error.code == .keyFile)
      #expect(error.message.contains("host1.key is already there"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/host1.secret"))
      #expect(try String(contentsOfFile: folder + "/host1.key", encoding: .utf8) == "mine")
    }
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o620] as [mode_t])
  func aSecretThatOthersCanReadIsRefused(mode: mode_t) throws {
    try withFolder { folder in
      try KeyPair.generate().write(to: folder + "/host1")
      let path = folder + "/host1.secret"
      chmod(path, mode)
      let error = try #require(throws: MessagingError.self) { _ = try KeyPair(secretFile: path) }
      #expect(error.code == .keyFile)
      #expect(error.message.contains("chmod 600 \(path)"))
    }
  }

  @Test func aSecretIsNeverShown() throws {
    try withFolder { folder in
      let keys = try KeyPair.generate()
      try keys.write(to: folder + "/host1")
      let secret = try String(contentsOfFile: folder + "/host1.secret", encoding: .utf8).prefix(40)
      var dumped = ""
      dump(keys, to: &dumped)
      for text in ["\(keys)", "\(keys.secretKey)", String(reflecting: keys), dumped] {
        #expect(!text.contains(secret))
        #expect(text.contains("hidden"))
      }
      try write(secret.dropLast() + "\n", folder + "/broken.secret", mode: 0o600)
      let error = try #require(throws: MessagingError.self) { _ = try KeyPair(secretFile: folder + "/broken.secret") }
      #expect(!"\(error) \(String(describing: error.cause))".contains(secret.prefix(20)))
    }
  }

  @Test func listsHaveNamesCommentsAndLineNumbers() throws {
    try withFolder { folder in
      let (first, second) = (try KeyPair.generate().publicKey, try KeyPair.generate().publicKey)
      let path = folder + "/allowed"
      try write(
        "# our hosts\n\n\(first)  host  one role=worker \r\n#\(first)\n\(second) role=client\n", path, mode: 0o644)
      let allowed = try AllowedKeys(path: path)
      #expect(allowed.count == 2)
      #expect(allowed[first] == .init(name: "host one", role: .worker))
      #expect(allowed[second] == .init(name: String(second.z85.prefix(8)), role: .client))

      try write("\(first) role=client\n\nnonsense\n", path, mode: 0o644)
      let malformed = try #require(throws: MessagingError.self) { _ = try AllowedKeys(path: path) }
      #expect(malformed.message.contains("\(path):3"))
      try write("\(first) role=client\n\(second) role=client\n\(first) again role=worker\n", path, mode: 0o644)
      let double = try #require(throws: MessagingError.self) { _ = try AllowedKeys(path: path) }
      #expect(double.message.contains("\(path):3") && double.message.contains("\(path):1"))
      let missing = try #require(throws: MessagingError.self) { _ = try AllowedKeys(path: folder + "/none") }
      #expect(missing.message.contains(folder + "/none"))
    }
  }

  /// A key may do nothing that its line does not say.
  @Test(arguments: [("", "has no role"), ("role=root", "one role"), ("role=worker role=client", "one role")])
  func aKeyNeedsOneRole(words: String, complaint: String) throws {
    try withFolder { folder in
      let path = folder + "/allowed"
      try write("# ours\n\(try KeyPair.generate().publicKey) host \(words)\n", path, mode: 0o644)
      let error = try #require(throws: MessagingError.self) { _ = try AllowedKeys(path: path) }
      #expect(error.message.contains("\(path):2") && error.message.contains(complaint), "\(error)")
      #expect(error.message.contains("role=worker"))
    }
  }

  @Test func aServersKeyNeedsNoRole() throws {
    try withFolder { folder in
      let keys = try KeyPair.generate()
      try keys.write(to: folder + "/coordinator")
      #expect(try PublicKey(file: folder + "/coordinator.key") == keys.publicKey)
      #expect(throws: MessagingError.self) { _ = try AllowedKeys(path: folder) }
    }
  }

  @Test(arguments: [
    "", "x", String(repeating: "~", count: 40), String(repeating: "#", count: 40), String(repeating: "é", count: 20),
  ])
  func whatIsNoKeyIsRefused(text: String) {
    #expect { _ = try PublicKey(z85: text) } throws: { ($0 as? MessagingError)?.code == .invalidKey }
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func write(_ text: some StringProtocol, _ path: String, mode: mode_t) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, mode)
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }
}
