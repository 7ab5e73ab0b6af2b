// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
public import Failures
public import TrustedSetup

extension PowersOfTau {
    /// Why powers of tau cannot be used: a file that cannot be read, or one that is none.
    public enum Unusable: CodedError {
        /// The file is wrong.
        case format(FormatError)
        /// The powers are not those of a setup.
        case setup(SetupError)

        /// The kind of failure.
        public var code: FailureCode {
            switch self {
            case .format(let error): error.code
            case .setup(let error): error.code
            }
        }

        /// A sentence for people.
        public var message: String {
            switch self {
            case .format(let error): error.message
            case .setup(let error): error.message
            }
        }
    }

    /// Reads the parts for a domain of 2^logDomainSize, checks each point for itself (curve, subgroup), and
    /// all of them against each other as `init(_:logDomainSize:parallel:using:)` for tables does.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - logDomainSize: log₂ of the rows that the powers are for.
    ///   - parallel: threads for the work.
    ///   - generator: unpredictable to whoever made the file.
    /// - Precondition: the file is on the curve.
    /// - Throws: what is wrong with file or contents.
    public init(
        _ file: PtauFile, logDomainSize: Int, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(Unusable) {
        try self.init(
            file, logDomainSize: logDomainSize, parallel: parallel, without: nil, using: &generator)
    }

    /// The same without one of the checks: for the tests of the checks, and for nothing else.
    package init(
        _ file: PtauFile, logDomainSize: Int, parallel: Parallel, without skipped: SetupCheck?,
        using generator: inout some RandomNumberGenerator
    ) throws(Unusable) {
        precondition(file.curve == Suite.id)
        guard file.isPrepared else { throw .setup(.notPrepared) }
        guard file.power >= logDomainSize else {
            throw .setup(.powerTooSmall(needed: logDomainSize, power: file.power))
        }
        guard file.domainPower >= logDomainSize else {
            throw .setup(.truncatedPowers(power: file.power))
        }
        let tables: Tables
        do throws(FormatError) {
            tables = try Tables(
                file, logDomainSize: logDomainSize, threads: parallel.threads,
                checksSubgroup: skipped != .powersInSubgroup)
        } catch {
            throw .format(error)
        }
        do throws(SetupError) {
            try self.init(
                tables, logDomainSize: logDomainSize, parallel: parallel, without: skipped, using: &generator)
        } catch {
            throw .setup(error)
        }
    }
}

extension PowersOfTau.Tables {
    /// The tables of a domain that the file reaches, each point checked to be in its group.
    fileprivate init(
        _ file: PtauFile, logDomainSize: Int, threads: Int, checksSubgroup: Bool
    ) throws(FormatError) {
        let n = 1 << logDomainSize
        func read(
            _ points: PtauFile.Points, _ range: Range<Int>
        ) throws(FormatError) -> PointTable<Suite.G1> {
            try file.table(
                points, range, of: Suite.self, threads: threads, checksSubgroup: checksSubgroup)
        }
        func read2(
            _ points: PtauFile.Points, _ range: Range<Int>
        ) throws(FormatError) -> PointTable<Suite.G2> {
            try file.table2(points, range, of: Suite.self, threads: threads)
        }
        // The bases of all smaller domains come first.
        let basis = n - 1..<2 * n - 1
        let lagrangeTau1 = try read(.lagrangeTau1, basis)
        let doubledLagrangeTau1 = try read(.lagrangeTau1, 2 * n - 1..<4 * n - 1)
        let lagrangeTau2 = try read2(.lagrangeTau2, basis)
        let lagrangeAlphaTau1 = try read(.lagrangeAlphaTau1, basis)
        let lagrangeBetaTau1 = try read(.lagrangeBetaTau1, basis)
        self.init(
            tau1: try read(.tau1, 0..<(file.power > logDomainSize ? 2 * n : 2 * n - 1)),
            tau2: try read2(.tau2, 0..<n), alphaTau1: try read(.alphaTau1, 0..<n),
            betaTau1: try read(.betaTau1, 0..<n), beta2: try read2(.beta2, 0..<1)[0],
            lagrangeTau1: lagrangeTau1, lagrangeTau2: lagrangeTau2, lagrangeAlphaTau1: lagrangeAlphaTau1,
            lagrangeBetaTau1: lagrangeBetaTau1, doubledLagrangeTau1: doubledLagrangeTau1)
    }
}
