// swift-tools-version: 6.2
import PackageDescription

/// Every module of ours: Swift 6 language mode comes with the tools version; no warning passes.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// HiGHS, when it is not the distribution's, lies in `.dependencies`, three folders above the executables.
let runPath: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "-rpath=$ORIGIN/../../../.dependencies/highs/lib"])
]

/// A module of ours.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A thin executable of ours.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
        swiftSettings: strict, linkerSettings: runPath)
}

/// The tests of a module of ours.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies,
        swiftSettings: strict, linkerSettings: runPath)
}

let package = Package(
    name: "flashback-engine",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1")
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CHiGHS", pkgConfig: "highs", providers: [.apt(["libhighs-dev"])]),
        module("LinearAlgebra", ["COpenBLAS"]),
        module("MathematicalProgramming", ["CHiGHS"]),
        module("Money"),
        module("Documents", ["Money"]),
        module("Marketplace", ["Money", "Documents"]),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        tests("LinearAlgebra"),
        tests("MathematicalProgramming")
    ]
)
