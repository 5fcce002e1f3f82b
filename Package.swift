// swift-tools-version: 6.2
import PackageDescription

/// Every module of ours: Swift 6 language mode comes with the tools version; no warning passes.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// HiGHS, when it is not the distribution's, lies in `.dependencies`, three folders above the executables.
let runPath: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "-rpath=$ORIGIN/../../../.dependencies/highs/lib"])
]

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// A module of ours.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A thin executable of ours.
func tool(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + ["CommandSupport", arguments], exclude: exclude,
        resources: resources, swiftSettings: strict, linkerSettings: runPath)
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
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1")
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
        module("Signing", ["Documents", crypto]),
        module("Marketplace", ["Money", "Documents"]),
        module("MarketplaceContract", ["Money", "Documents", "Marketplace"]),
        module("Recommendation", ["LinearAlgebra", "Money", "Documents", "Marketplace", crypto]),
        module("Allocation", ["MathematicalProgramming", "Money", "Marketplace"]),
        module(
            "Quoting",
            ["Recommendation", "Allocation", "MarketplaceContract", "Money", "Documents", "Marketplace", crypto]),
        module(
            "Pricing",
            ["Quoting", "Recommendation", "Allocation", "LinearAlgebra", "Money", "Documents", "Marketplace", crypto]),
        module(
            "MarketplaceStore",
            ["Money", "Documents", "Marketplace", .product(name: "GRDB", package: "GRDB.swift"), crypto]),
        module(
            "QuoteAPI",
            [
                "Quoting", "Pricing", "Signing", "Allocation", "MarketplaceStore", "MarketplaceContract",
                "Recommendation", "LinearAlgebra", "Documents", "Marketplace", "Money", crypto,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log")
            ]),
        module("CommandSupport", ["MarketplaceStore", "Marketplace", "Documents", arguments]),
        tool(
            "quote-service",
            [
                "QuoteAPI", "Quoting", "MarketplaceContract", "Signing", "MarketplaceStore", "Allocation",
                "MathematicalProgramming", "Recommendation", "Marketplace", "Money", "Documents",
                .product(name: "Logging", package: "swift-log")
            ],
            exclude: ["quote-service.service"]),
        tool("pricing-advisor", ["Pricing", "Quoting", "MarketplaceStore", "Marketplace", "Money", "Documents"]),
        tool(
            "retrain", ["Recommendation", "MarketplaceStore", "Marketplace", "Documents"],
            resources: [.embedInCode("spark-als.py")]),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "allocation-peers",
            dependencies: [
                "Allocation", "MathematicalProgramming", "Marketplace", "Money", "Documents", "TestSupport"
            ],
            path: "Tests/Benchmarks/AllocationPeers", swiftSettings: strict, linkerSettings: runPath),
        .executableTarget(
            name: "topk-peers",
            dependencies: [
                "LinearAlgebra", "Recommendation", "Quoting", "MarketplaceStore", "Marketplace", "Documents",
                "TestSupport"
            ],
            path: "Tests/Benchmarks/TopKPeers", swiftSettings: strict, linkerSettings: runPath),
        .executableTarget(
            name: "choice-peers",
            dependencies: ["Pricing", "Recommendation", "LinearAlgebra", "Documents", "TestSupport"],
            path: "Tests/Benchmarks/ChoicePeers", swiftSettings: strict, linkerSettings: runPath),
        .executableTarget(
            name: "fleet-peers",
            dependencies: ["Allocation", "MathematicalProgramming", "Marketplace", "Money", "Documents", "TestSupport"],
            path: "Tests/Benchmarks/FleetPeers", swiftSettings: strict, linkerSettings: runPath),
        .executableTarget(
            name: "replay-peers",
            dependencies: ["Pricing", "Allocation", "Marketplace", "Money", "Documents", "TestSupport"],
            path: "Tests/Benchmarks/ReplayPeers", swiftSettings: strict, linkerSettings: runPath),
        .executableTarget(
            name: "recommender-peers", dependencies: ["LinearAlgebra", "Recommendation", "TestSupport"],
            path: "Tests/Benchmarks/RecommenderPeers", swiftSettings: strict, linkerSettings: runPath),
        tests("LinearAlgebra"),
        tests("MathematicalProgramming"),
        tests("Money"),
        tests("Documents", ["Money"]),
        tests("Signing", ["Documents"]),
        tests("Marketplace", ["Money", "Documents"]),
        tests("MarketplaceContract", ["Money", "Documents", "Marketplace"]),
        tests("Recommendation", ["LinearAlgebra", "MarketplaceStore", "Marketplace", "Documents", "Money"]),
        tests("Allocation", ["Money", "Documents", "Marketplace", "MathematicalProgramming"]),
        tests("Quoting", ["Recommendation", "Allocation", "MarketplaceContract", "Money", "Documents", "Marketplace"]),
        tests(
            "Pricing", ["Quoting", "Recommendation", "Allocation", "LinearAlgebra", "Money", "Documents", "Marketplace"]
        ),
        tests(
            "MarketplaceStore",
            ["Money", "Documents", "Marketplace", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["quote-service", "retrain", "pricing-advisor", "TestSupport", "Documents"],
            swiftSettings: strict, linkerSettings: runPath),
        .testTarget(
            name: "RetrainTests",
            dependencies: ["retrain", "Recommendation", "MarketplaceStore", "Marketplace", "Documents", "TestSupport"],
            swiftSettings: strict, linkerSettings: runPath),
        tests(
            "QuoteAPI",
            [
                "Quoting", "Pricing", "Signing", "MarketplaceStore", "Recommendation", "Marketplace", "Money",
                "Documents", crypto, .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "X509", package: "swift-certificates")
            ])
    ]
)

// `make bench` alone builds the benchmarks: their tools would double the time of every first build.
if Context.environment["FLASHBACK_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "EngineBenchmarks",
            dependencies: [
                "LinearAlgebra", "Recommendation", "Allocation", "Quoting", "QuoteAPI", "MarketplaceStore",
                "Marketplace", "Documents", "TestSupport", .product(name: "Benchmark", package: "benchmark")
            ],
            path: "Tests/Benchmarks/EngineBenchmarks", swiftSettings: strict, linkerSettings: runPath,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
