// swift-tools-version: 6.2
import Foundation
import PackageDescription

let libtorch = ProcessInfo.processInfo.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.libtorch"
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .swiftLanguageMode(.v6)]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let deques = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let orderedCollections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")

let leaves: [Target] = [
  .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
  .target(
    name: "CImages",
    linkerSettings: [.linkedLibrary("png"), .linkedLibrary("turbojpeg"), .linkedLibrary("webp")]),
  .target(name: "Uncertainty", swiftSettings: strict),
  .target(name: "Formats", dependencies: ["CImages", "CZlib"], swiftSettings: strict),
  .target(name: "Specification", dependencies: ["Formats", "Yams"], swiftSettings: strict),
  .target(
    name: "Datasets", dependencies: ["Formats", "Specification"], exclude: ["Resources/uci/README.md"],
    resources: [
      .embedInCode("Resources/uci/yacht.csv"),
      .embedInCode("Resources/uci/energy.csv"),
      .embedInCode("Resources/uci/concrete.csv"),
    ], swiftSettings: strict),
]

let coordination: [Target] = [
  .target(name: "Telemetry", dependencies: ["FlyingFox"], swiftSettings: strict),
  .target(name: "Scheduling", dependencies: [deques, heaps, orderedCollections], swiftSettings: strict),
  .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
  .target(name: "Messaging", dependencies: ["CZeroMQ", "Formats"], swiftSettings: strict),
  .target(name: "Store", dependencies: ["Formats", crypto], swiftSettings: strict),
  .target(name: "Report", dependencies: ["Formats", "Specification", "Store"], swiftSettings: strict),
  .target(
    name: "Runtime",
    dependencies: [
      "Messaging", "Scheduling", "Specification", "Store", "Telemetry", database, deques, logging,
      orderedCollections,
    ], swiftSettings: strict),
  .executableTarget(
    name: "tributary",
    dependencies: [
      "Datasets", "Formats", "Messaging", "Report", "Runtime", "Specification", "Store", argumentParser, logging,
    ], swiftSettings: strict),
]

let simulation: [Target] = [
  .target(
    name: "Simulation", dependencies: ["Scheduling", "Store", deques, heaps, orderedCollections],
    swiftSettings: strict),
  .executableTarget(name: "simulate", dependencies: ["Simulation", argumentParser], swiftSettings: strict),
]

let mathematics: [Target] = [
  .target(name: "CKernels", cxxSettings: [.unsafeFlags(["-std=c++20"])]),
  .target(
    name: "CTorch",
    cxxSettings: [
      .define("_GLIBCXX_USE_CXX11_ABI", to: "1"),
      .unsafeFlags([
        "-std=c++20", "-isystem", "\(libtorch)/include", "-isystem", "\(libtorch)/include/torch/csrc/api/include",
      ]),
    ],
    linkerSettings: [
      .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
      .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
    ]),
  .target(name: "Tensors", dependencies: ["CKernels", "CTorch"], swiftSettings: strict),
  .target(name: "CSentencePiece", cxxSettings: [.unsafeFlags(["-std=c++20"])], linkerSettings: [.linkedLibrary("dl")]),
  .target(
    name: "Networks", dependencies: ["CSentencePiece", "Formats", "Specification", "Tensors"],
    swiftSettings: strict),
  .target(name: "Diffusion", dependencies: ["Specification", "Tensors"], swiftSettings: strict),
  .target(
    name: "Training", dependencies: ["Formats", "Networks", "Specification", "Tensors"], swiftSettings: strict),
  .target(name: "ImageMetrics", dependencies: ["Formats", "Networks", "Tensors"], swiftSettings: strict),
  .target(
    name: "Posterior", dependencies: ["CKernels", "Formats", "Networks", "Specification", "Tensors", "Uncertainty"],
    swiftSettings: strict),
]

let meeting: [Target] = [
  .target(
    name: "Workloads",
    dependencies: [
      "Datasets", "Diffusion", "Formats", "ImageMetrics", "Networks", "Posterior", "Runtime", "Specification", "Store",
      "Tensors", "Training", "Uncertainty",
    ],
    swiftSettings: strict),
  .executableTarget(
    name: "tributary-worker",
    dependencies: ["Runtime", "Scheduling", "Specification", "Workloads", argumentParser, logging],
    swiftSettings: strict),
]

let tests: [Target] = [
  .testTarget(name: "TidyTests", swiftSettings: strict),
  .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
  .target(
    name: "HostilePeers", dependencies: ["Messaging", "TestSupport"], path: "Tests/HostilePeers", swiftSettings: strict),
  .target(
    name: "Fuzzing",
    dependencies: [
      "Datasets", "Formats", "Messaging", "Networks", "Posterior", "Runtime", "Scheduling", "Specification", "Store",
      "Tensors", "TestSupport", "Uncertainty", "Workloads",
    ], path: "Tests/Fuzzing", exclude: ["Corpus"], swiftSettings: strict),
  .testTarget(name: "FuzzTests", dependencies: ["Fuzzing", "Runtime"], swiftSettings: strict),
  .testTarget(name: "FormatsTests", dependencies: ["Formats", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "SpecificationTests", dependencies: ["Specification", "TestSupport"], exclude: ["BadJobs.txt"],
    swiftSettings: strict),
  .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Formats", "Specification"], swiftSettings: strict),
  .testTarget(
    name: "SchedulingTests", dependencies: ["Scheduling", "TestSupport"], exclude: ["Transcripts"],
    swiftSettings: strict),
  .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: strict),
  .testTarget(name: "MessagingTests", dependencies: ["Messaging"], swiftSettings: strict),
  .testTarget(
    name: "StoreTests", dependencies: ["Formats", "Store", "TestSupport"], exclude: ["Readers"],
    swiftSettings: strict),
  .testTarget(
    name: "ReportTests", dependencies: ["Formats", "Report", "Specification", "Store", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "EndToEndTests",
    dependencies: [
      "Datasets", "Formats", "HostilePeers", "Messaging", "Networks", "Runtime", "Specification", "Store", "Tensors",
      "TestSupport", "Workloads",
    ],
    exclude: ["Readers"],
    swiftSettings: strict),
  .testTarget(
    name: "RuntimeTests", dependencies: ["Runtime", "Specification", "TestSupport", logging], swiftSettings: strict),
  .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: strict),
  .testTarget(
    name: "NetworksTests", dependencies: ["Formats", "Networks", "Specification", "Tensors", "TestSupport"],
    exclude: ["Readers"], resources: [.copy("Goldens")], swiftSettings: strict),
  .testTarget(
    name: "ParityTests",
    dependencies: ["Diffusion", "Formats", "ImageMetrics", "Networks", "Specification", "Tensors"],
    swiftSettings: strict),
  .testTarget(
    name: "ImageMetricsTests", dependencies: ["Formats", "ImageMetrics", "Networks", "Tensors"],
    resources: [.copy("Goldens")], swiftSettings: strict),
  .testTarget(
    name: "TrainingTests", dependencies: ["Formats", "Networks", "Specification", "Tensors", "Training"],
    swiftSettings: strict),
  .testTarget(name: "DiffusionTests", dependencies: ["Diffusion", "Specification", "Tensors"], swiftSettings: strict),
  .testTarget(
    name: "UncertaintyTests", dependencies: ["Uncertainty"], resources: [.copy("Goldens")], swiftSettings: strict),
  .testTarget(
    name: "PosteriorTests",
    dependencies: ["CKernels", "Formats", "Networks", "Posterior", "Specification", "Tensors", "Uncertainty"],
    resources: [.copy("Goldens")], swiftSettings: strict),
]

let package = Package(
  name: "tributary",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: leaves + coordination + simulation + mathematics + meeting + tests
)

// Only when asked for, so that users never build it: Scripts/bench.
if ProcessInfo.processInfo.environment["TRIBUTARY_BENCHMARKS"] != nil {
  package.targets += [
    .target(name: "CAllocations"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "CAllocations", "Datasets", "Formats", "HostilePeers", "Messaging", "Networks", "Posterior", "Runtime",
        "Scheduling", "Specification", "Store", "Tensors", "Training", "Workloads", logging,
      ], exclude: ["Data", "Peers"], swiftSettings: strict),
  ]
}

// Only when asked for, with libFuzzer's library, which the toolchain brings: Scripts/fuzz. Our modules are then built to tell
// it which inputs reach new code.
if let libFuzzer = ProcessInfo.processInfo.environment["TRIBUTARY_LIBFUZZER"] {
  for target in package.targets where ![.system, .test].contains(target.type) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer"])]
  }
  package.targets.append(
    .executableTarget(
      name: "LibFuzzer", dependencies: ["Fuzzing"], path: "Tests/LibFuzzer", swiftSettings: strict,
      linkerSettings: [.unsafeFlags([libFuzzer]), .linkedLibrary("stdc++")]))
}
