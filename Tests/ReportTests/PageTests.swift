import Foundation
import Report
import Specification
import Store
import TestSupport
import Testing

struct PageTests {
  @Test func aPageOfEnsemblesShowsWhatTheyFound() throws {
    let store = try TemporaryFolder()
    try ExampleEnsembles.write(to: store.path)
    let page = try Elements(try JobReport(store: store.path, job: "clothes").html)
    #expect(page.texts("h1") == ["clothes"])
    #expect(page.texts("h3").contains("lenet-deep"))
    #expect(page.attributes("p").count { $0["class"] == "note" } == 0)
    #expect(page.texts("p").contains("Job of kind ensemble, seed 3") && page.texts("p").contains("Complete."))
    let cells = page.texts("td")
    for cell in [
      "91.30\u{a0}% ± 0.28", "93.00\u{a0}%", "71.30\u{a0}% ± 0.61", "0.988\u{a0}±\u{a0}0.043", "5\u{202f}000", "0.188",
      "0.940",
      "−1234.5",
    ] {
      #expect(cells.contains(cell), "\(cell) is missing")
    }
    #expect(page.attributes("img").count == 16)
    let charts = page.texts("figcaption")
    for title in ["Reliability", "Risk when the least confident are refused", "Epistemic uncertainty", "Loss"] {
      #expect(charts.contains(title), "there is no chart \(title)")
    }
    // A box for each bin that has inputs, in each of two ensembles.
    #expect(page.attributes("rect").count { $0["class"] == "box k5" } == 2 * (13 + 1))
  }

  @Test func textOfFilesNeverBecomesMarkup() throws {
    let store = try TemporaryFolder()
    try ExampleEnsembles.write(to: store.path, yaml: "kind: ensemble # </pre><img src=x onerror=alert(1)>\u{0}\n")
    let page = try Elements(try JobReport(store: store.path, job: "clothes").html)
    #expect(!page.names.contains("script"))
    #expect(page.texts("th").contains(ExampleEnsembles.hostileClass))
    #expect(page.texts("pre").first?.contains("</pre><img src=x onerror=alert(1)>") == true)
    for (element, key, value) in page.allAttributes {
      #expect(!key.hasPrefix("on"))
      if key == "src" { #expect(value.hasPrefix("data:image/png;base64,")) }
      if key == "href" { #expect(value.hasPrefix("#"), "\(element) leads out of the page") }
    }
    let policy = page.attributes("meta").first { $0["http-equiv"] == "Content-Security-Policy" }
    #expect(policy?["content"]?.hasPrefix("default-src 'none'") == true)
  }

  @Test func whatRunsIsShownAsFarAsItIs() throws {
    let store = try TemporaryFolder()
    try ExampleEnsembles.write(to: store.path)
    let folder = "\(store.path)/jobs/clothes"
    for name in ["comparison.json", "ensembles/yacht/evaluation.json"] {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    let news = """
      {"task":"member/3","phase":"training","done":5,"total":20,"rate":1.5,"time":"2026-01-01T00:00:00Z","figures":{"loss":0.5}}
      {"task":"member/3","phase":"training","done":6,"total":20,"rate":1.5,"time":"2026-01-01T00:00:09Z","figures":{"loss":0.4}}
      {"task":"member/4","ph
      """
    try ExampleEnsembles.write(Array(news.utf8), "\(folder)/run/metrics.jsonl")
    let page = try Elements(try JobReport(store: store.path, job: "clothes").html)
    #expect(page.texts("p").contains { $0.contains("Not complete") && $0.contains("2026-01-01T00:00:09Z") })
    #expect(page.texts("tr").contains("ensembles evaluated23"))
    #expect(page.texts("p").contains("Not evaluated yet."))
    #expect(page.texts("td").contains("loss 0.400") && !page.texts("td").contains("loss 0.500"))
    #expect(page.texts("h3").contains("yacht"))
  }

  @Test func damagedFilesAreNamedOnThePage() throws {
    let store = try TemporaryFolder()
    try ExampleEnsembles.write(to: store.path)
    let folder = "\(store.path)/jobs/clothes"
    try ExampleEnsembles.write(Array("{\"ensembles\": [{\"name\": 7}]}".utf8), "\(folder)/comparison.json")
    try ExampleEnsembles.write(Array("GIF89a".utf8), "\(folder)/ensembles/lenet-deep/extreme-0.png")
    try FileManager.default.removeItem(atPath: "\(folder)/ensembles/lenet-deep/extreme-1.png")
    try ExampleEnsembles.write(
      Array("{]\n{\"epoch\": 1, \"loss\": 2}\n".utf8), "\(folder)/ensembles/yacht/members/0/metrics.jsonl")
    let page = try Elements(try JobReport(store: store.path, job: "clothes").html)
    let notes = page.attributes("p").count { $0["class"] == "note" }
    #expect(notes >= 4)
    let texts = page.texts("p")
    for words in [
      "comparison.json cannot be read: ensembles.0.name", "extreme-0.png: it is no PNG, JPEG or WebP picture",
      "extreme-1.png: the picture is missing", "members/0/metrics.jsonl: 1 lines cannot be read",
    ] {
      #expect(texts.contains { $0.contains(words) }, "no note says: \(words)")
    }
    // What each ensemble found by itself stands in for the comparison.
    #expect(page.texts("h3").contains("lenet-single"))
  }

  @Test func aPictureOutsideOfTheFolderIsNotShown() throws {
    let store = try TemporaryFolder()
    try ExampleEnsembles.write(to: store.path)
    var result = ExampleEnsembles.comparison.ensembles[1]
    result.extremes[0].picture = "../lenet-deep/../../../../secret.png"
    let folder = "\(store.path)/jobs/clothes"
    try ExampleEnsembles.write(try EnsembleComparison(ensembles: [result]).json(), "\(folder)/comparison.json")
    let page = try Elements(try JobReport(store: store.path, job: "clothes").html)
    #expect(page.texts("p").contains { $0.contains("is not a name inside a job's folder") })
    #expect(page.attributes("img").count == 7)
  }

  @Test func jobsThatAreNotThereAreRefused() throws {
    let store = try TemporaryFolder()
    #expect { try JobReport(store: store.path, job: "none") } throws: { ($0 as? StoreError)?.code == .missing }
    #expect { try JobReport(store: store.path, job: "../x") } throws: { ($0 as? StoreError)?.code == .missing }
    try FileManager.default.createDirectory(atPath: "\(store.path)/jobs/empty", withIntermediateDirectories: true)
    let page = try Elements(try JobReport(store: store.path, job: "empty").html)
    #expect(page.texts("p").contains("The folder has no job.yaml."))
    #expect(page.texts("p").contains { $0.contains("it is not known what is to come") })
  }
}
