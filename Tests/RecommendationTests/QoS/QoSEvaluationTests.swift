import Foundation
import Recommendation
import TestSupport
import Testing

@Suite("The protocol of QoS prediction")
struct QoSEvaluationTests {
    @Test("The measures by hand")
    func byHand() {
        let errors = QoSErrors([1, 2, 4], [2, 2, 2])
        #expect(errors.mae == 1 && abs(errors.nmae - 3.0 / 7) < 1e-15)
        #expect(abs(errors.rmse - (5.0 / 3).squareRoot()) < 1e-15)
        // Relative errors 1, 0, ½: the median is ½, nine tenths lie below 0.9 linearly interpolated.
        #expect(errors.mre == 0.5 && abs(errors.npre - 0.9) < 1e-15)
        let mixed = QoSErrors([1], absolute: [2], squared: [3], median: [4], percentile: [5])
        #expect([mixed.mae, mixed.rmse, mixed.mre, mixed.npre] == [1, 2, 3, 4])
    }

    @Test("Train and test are disjoint, as dense as asked, and nobody is tested who was not seen")
    func split() throws {
        let world = SyntheticQoS(users: 10, offers: 60, seed: 50)
        let all = try world.measurements(world.entries(density: 0.8, seed: 51))
        let evaluation = QoSEvaluation(density: 0.1)
        let (train, test) = try evaluation.split(all, round: 0)
        #expect(train.entries.count == 60)
        let (users, offers) = (Set(train.entries.map(\.user)), Set(train.entries.map(\.offer)))
        #expect(test.allSatisfy { users.contains($0.user) && offers.contains($0.offer) })
        let trained = Set(train.entries.map { $0.user * 60 + $0.offer })
        #expect(test.allSatisfy { !trained.contains($0.user * 60 + $0.offer) })
        let expected = all.entries.count { !trained.contains($0.user * 60 + $0.offer) && offers.contains($0.offer) }
        #expect(test.count == expected)
        #expect(try evaluation.split(all, round: 0).test == test)
        #expect(try evaluation.split(all, round: 1).test != test)
        #expect(throws: RecommendationError.self) { try QoSEvaluation(density: 1).split(all, round: 0) }
        for bad in [0, -1, .nan, 1.5] as [Double] {
            #expect(throws: RecommendationError.self) { try QoSEvaluation(density: bad).run(all) }
        }
    }

    @Test("The report is the same at any thread count but for the clock")
    func deterministic() throws {
        let world = SyntheticQoS(users: 10, offers: 40, seed: 52)
        let all = try world.measurements(world.entries(density: 0.9, seed: 53))
        let evaluation = QoSEvaluation(density: 0.3, rounds: 3, hyperparameters: .init(factors: 2, sweeps: 5))
        let (one, three) = (try evaluation.run(all, threads: 1), try evaluation.run(all, threads: 3))
        #expect(one.errors == three.errors && one.coverage == three.coverage && one.maeDeviation == three.maeDeviation)
        #expect(one.errors.mae < one.offerMean.mae)
    }

    @Test(
        "WS-DREAM at 10%: the baselines of the protocol, better than every published figure, intervals that hold",
        .enabled(if: SharedData.isPresent("wsdream/rt-slot-00.tsv"), Comment(rawValue: SharedData.absence)))
    func published() throws {
        let matrix = try QoSMeasurements.readMatrix(SharedData.url("wsdream/rt-slot-00.tsv"), missingFrom: 19.9)
        #expect(matrix.users.count == 142 && matrix.offers.count == 4500 && matrix.entries.count == 437_702)
        let report = try QoSEvaluation(density: 0.1, rounds: 1).run(matrix)
        #expect(report.trainEntries == 63_900)
        for (found, known) in [
            (report.userMean.mae, 1.507), (report.userMean.rmse, 2.576), (report.userMean.mre, 1.385),
            (report.offerMean.mae, 1.429), (report.offerMean.rmse, 2.511), (report.offerMean.mre, 0.94)
        ] {
            #expect(abs(found / known - 1) < 0.02, "\(found) for \(known)")
        }
        // The best of UIPCC, PMF and AMF by measure.
        #expect(report.errors.mae < 0.997 && report.errors.nmae < 0.612 && report.errors.rmse < 2.07)
        #expect(report.errors.mre < 0.44 && report.errors.npre < 1.8)
        #expect(report.median.mre < 0.44 && report.median.npre < 1.8)
        for (name, coverage) in report.coverage {
            #expect(abs(coverage - (Double(name) ?? 0) / 100) < 0.02, "\(name)%: \(coverage)")
        }
    }
}
