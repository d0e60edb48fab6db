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
}
