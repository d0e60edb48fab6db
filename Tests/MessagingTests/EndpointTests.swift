import Messaging
import Testing

@Suite struct EndpointTests {
  @Test(arguments: [
    ("tcp://127.0.0.1:5555", true), ("tcp://127.8.9.1:1", true), ("tcp://localhost:5555", true),
    ("tcp://[::1]:5555", true),
    ("inproc://zeromq", true), ("tcp://*:5555", false), ("tcp://0.0.0.0:5555", false), ("tcp://[::]:*", false),
    ("tcp://10.0.0.1:65535", false), ("tcp://127.0.0.1.example.org:80", false), ("tcp://127.example.org:80", false),
  ])
  func parsedEndpointsReadAsWritten(text: String, isLoopback: Bool) throws {
    let endpoint = try Endpoint(text)
    #expect(endpoint.description == text)
    #expect(endpoint.isLoopback == isLoopback)
  }

  @Test(arguments: [
    ("", "tcp://"), ("127.0.0.1:5555", "tcp://"), ("http://a:1", "tcp://"), ("ipc:///tmp/x", "tcp://"),
    ("inproc://", "tcp://"),
    ("tcp://host", "port is missing"), ("tcp://host:", "port must be"), ("tcp://host:65536", "port must be"),
    ("tcp://host:-1", "port must be"), ("tcp://host:+1", "port must be"), ("tcp://:5555", "host is missing"),
    ("tcp://::1:5555", "brackets"), ("tcp://ho st:1", "wrong character"), ("tcp://a;b:1", "wrong character"),
    ("tcp://[]:1", "brackets"),
  ])
  func errorsSayWhichPartIsWrong(text: String, part: String) throws {
    let error = try #require(throws: MessagingError.self) { _ = try Endpoint(text) }
    #expect(error.code == .invalidEndpoint)
    #expect(error.message.contains(part) && error.message.contains("tcp://127.0.0.1:5555"))
  }

  @Test func aWildcardIsNothingToConnectTo() throws {
    let socket = try Socket(.dealer, Context())
    for endpoint in ["tcp://*:5555", "tcp://127.0.0.1:*", "tcp://127.0.0.1:0"] {
      #expect { try socket.connect(endpoint) } throws: { ($0 as? MessagingError)?.code == .invalidEndpoint }
    }
  }
}
