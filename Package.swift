// swift-tools-version: 6.2
import Foundation
import PackageDescription

let libtorch = ProcessInfo.processInfo.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.libtorch"
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .swiftLanguageMode(.v6)]

let package = Package(
  name: "tributary",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .executableTarget(
      name: "tributary",
      dependencies: ["Datasets", "Runtime", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),
    .executableTarget(
      name: "tributary-worker",
      dependencies: ["Workloads", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),
    .target(
      name: "Workloads", dependencies: ["Datasets", "Formats", "Posterior", "Runtime", "Store", "Tensors"],
      swiftSettings: strict),
    .target(
      name: "Runtime",
      dependencies: [
        "Messaging", "Scheduling", "Specification", "Store", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .target(
      name: "Scheduling",
      dependencies: [
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ], swiftSettings: strict),
    .testTarget(
      name: "SchedulingTests", dependencies: ["Scheduling"], exclude: ["Transcripts"], swiftSettings: strict),
    .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .target(name: "Messaging", dependencies: ["CZeroMQ"], swiftSettings: strict),
    .testTarget(name: "MessagingTests", dependencies: ["Messaging"], swiftSettings: strict),
    .target(
      name: "Store", dependencies: ["Formats", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(name: "Specification", dependencies: ["Yams"], swiftSettings: strict),
    .target(name: "Formats", swiftSettings: strict),
    .target(
      name: "Datasets", dependencies: ["Formats", "Specification"], exclude: ["Resources/uci/README.md"],
      resources: [
        .embedInCode("Resources/uci/yacht.csv"),
        .embedInCode("Resources/uci/energy.csv"),
        .embedInCode("Resources/uci/concrete.csv"),
      ], swiftSettings: strict),
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
    .target(name: "Tensors", dependencies: ["CTorch"], swiftSettings: strict),
    .target(name: "Networks", dependencies: ["CTorch", "Specification", "Tensors"], swiftSettings: strict),
    .target(name: "Posterior", dependencies: ["Networks", "Specification", "Tensors"], swiftSettings: strict),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: strict),
    .testTarget(name: "NetworksTests", dependencies: ["Networks", "Specification", "Tensors"], swiftSettings: strict),
    .testTarget(
      name: "PosteriorTests", dependencies: ["Networks", "Posterior", "Specification", "Tensors"],
      resources: [.copy("Goldens")], swiftSettings: strict),
    .testTarget(name: "FormatsTests", dependencies: ["Formats"], swiftSettings: strict),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Formats", "Specification"], swiftSettings: strict),
    .testTarget(
      name: "SpecificationTests", dependencies: ["Specification"], exclude: ["BadJobs.txt"], swiftSettings: strict),
    .testTarget(
      name: "StoreTests", dependencies: ["Formats", "Store"], exclude: ["Readers"], swiftSettings: strict),
  ]
)
