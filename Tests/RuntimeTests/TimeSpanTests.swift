import Runtime
import Specification
import Testing

struct TimeSpanTests {
  @Test(arguments: [
    ("90s", 90.0), ("55m", 3300), ("2h", 7200), ("1h30m", 5400), ("1d", 86400), ("1.5h", 5400), ("45", 45), ("0s", 0),
  ])
  func timesAreRead(text: String, seconds: Double) { #expect(TimeSpan(text)?.seconds == seconds) }

  @Test(arguments: ["", "h", "5x", "1m1h", "1h1h", "-5s", "1h30", "1e3", "nan", "9999999999d", "٣s", "1..5h", " 5s"])
  func othersAreNot(text: String) { #expect(TimeSpan(text) == nil) }

  @Test(arguments: [
    ("200GiB", 200 << 30), ("1.5KiB", 1536), ("500MB", 500_000_000), ("1tib", 1 << 40), ("17", 17), ("0", 0),
  ])
  func sizesAreRead(text: String, bytes: Int) { #expect(ByteCount(text)?.bytes == bytes) }

  @Test(arguments: ["", "GiB", "5 GiB", "5XB", "-1", "99999999PiB", "1e3"])
  func otherSizesAreNot(text: String) { #expect(ByteCount(text) == nil) }

  @Test func sizesAreWrittenShort() {
    let written = [0, 1023, 1536, 200 << 30, 1_234_567].map { ByteCount(bytes: $0).description }
    #expect(written == ["0 bytes", "1023 bytes", "1.5 KiB", "200 GiB", "1.2 MiB"])
  }
}
