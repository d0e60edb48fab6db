import Specification
import Testing

struct ByteCountTests {
  @Test func amountsAreRoundedForPeople() {
    let written = [0, 1023, 1536, 200 << 30, 1_234_567].map { ByteCount(bytes: $0).rounded }
    #expect(written == ["0 bytes", "1023 bytes", "1.5 KiB", "200 GiB", "1.2 MiB"])
  }
}
