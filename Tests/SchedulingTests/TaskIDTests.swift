import Foundation
import Scheduling
import Testing

@Suite struct TaskIDTests {
  @Test func survivesText() throws {
    let task = TaskID(job: JobID(rawValue: 7), group: 1, index: 99_999)
    #expect(task.description == "7.1.99999")
    #expect(TaskID("7.1.99999") == task)
    let bytes = try JSONEncoder().encode([task])
    #expect(String(decoding: bytes, as: UTF8.self) == #"["7.1.99999"]"#)
    #expect(try JSONDecoder().decode([TaskID].self, from: bytes) == [task])
  }

  @Test(arguments: ["", "1.2", "1.2.3.4", "1..3", "a.b.c", "1.2.99999999999999999999", "1.2.3 "])
  func refusesOtherText(_ text: String) throws {
    #expect(TaskID(text) == nil)
    let bytes = try JSONEncoder().encode([text])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([TaskID].self, from: bytes) }
  }
}
