import ArgumentParser
import CommandSupport

@main
struct PricingAdvisor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pricing-advisor",
        abstract: "What a provider should charge, by the marketplace's own optimizer.",
        discussion: """
            Advice uses the public listing, the register of certified providers and the requests that are given; \
            nothing is applied by itself.

            Exit codes: 0 done; 1 refused by the data, such as an unknown provider; 2 usage, or a request that cannot \
            be read; 3 failure, such as a missing database.
            """,
        subcommands: [Advise.self, Report.self, Simulate.self, Audit.self])

    static func main() async { await CommandRunner.main(PricingAdvisor.self) }
}
