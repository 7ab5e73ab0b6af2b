// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import Failures
import FiniteFields
import Groth16

/// What a file is and holds, as rows for a table or for JSON: for people and scripts, without its contents.
public struct FileSummary: Sendable, Hashable, Codable {
    /// One fact.
    public struct Row: Sendable, Hashable, Codable {
        /// A stable name in camel case, such as `publicInputs`.
        public let key: String
        /// What the table calls it.
        public let label: String
        /// The fact itself.
        public let value: Value
    }

    /// A fact's value; encoded as the bare JSON value.
    public enum Value: Sendable, Hashable, Codable, CustomStringConvertible {
        /// A number.
        case integer(Int)
        /// A number above `Int.max`.
        case large(UInt64)
        /// A name.
        case text(String)
        /// Yes or no.
        case flag(Bool)
        /// Sections of a file, by their numbers.
        case sections([Section])

        /// A section and its size.
        public struct Section: Sendable, Hashable, Codable {
            /// Its number.
            public let id: UInt32
            /// Its size.
            public let bytes: Int
        }

        /// As the table shows it.
        public var description: String {
            switch self {
            case .integer(let value): String(value)
            case .large(let value): String(value)
            case .text(let value): value
            case .flag(let value): value ? "yes" : "no"
            case .sections(let sections): Self.text(sections)
            }
        }

        private static func text(_ sections: [Section]) -> String {
            let shown = sections.prefix(10).map { "\($0.id) (\(Count.text($0.bytes, "byte")))" }
            let more = sections.count > shown.count ? " and \(sections.count - shown.count) more" : ""
            return shown.joined(separator: ", ") + more
        }

        /// Reads a bare JSON value.
        ///
        /// - Throws: `DecodingError` for anything but a boolean, an integer, a string or a list of sections.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let integer = try? container.decode(Int.self) {
                self = .integer(integer)
            } else if let large = try? container.decode(UInt64.self) {
                self = .large(large)
            } else if let sections = try? container.decode([Section].self) {
                self = .sections(sections)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        /// Writes the bare JSON value.
        ///
        /// - Throws: what the encoder throws.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .integer(let value): try container.encode(value)
            case .large(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            case .flag(let value): try container.encode(value)
            case .sections(let sections): try container.encode(sections)
            }
        }
    }

    /// Bytes that may be read of a pipe.
    public static let pipeLimit = 1 << 30

    /// The format, told by the contents.
    public let kind: FileKind
    /// The facts, in the order in which a table shows them.
    public private(set) var rows: [Row]

    /// The value of the row with this key.
    public subscript(key: String) -> Value? { rows.first { $0.key == key }?.value }

    /// Detects the format of a file and reads what its headers say; JSON files are read and checked whole.
    ///
    /// Points and values of binary files are not looked at. The constraints of an r1cs are: they cost little,
    /// and only they tell whether the file is sound.
    ///
    /// - Throws: `.unknownFormat`, or what the reader of the format finds wrong.
    public init(_ file: MappedFile) throws(FormatError) {
        kind = try FileKind.detect(file)
        rows = []
        add("format", "format", .text(kind.rawValue))
        add("bytes", "file size in bytes", .integer(file.count))
        add("what", "what it is", .text(kind.description))
        switch kind {
        case .r1cs: try describeR1CS(file)
        case .witness: try describeWitness(file)
        case .provingKey: try describeProvingKey(file)
        case .powersOfTau: try describePowersOfTau(file)
        case .verifyingKey: try describeVerifyingKey(file)
        case .proof: try describeProof(file)
        case .publicInputs: try describePublicInputs(file)
        case .aggregate: try describeAggregate(file)
        case .aggregationKey: try describeAggregationKey(file)
        case .gnarkVerifyingKey, .gnarkProof, .gnarkProvingKey, .gnarkConstraints, .gnarkWitness:
            try describeGnark(file)
        }
    }

    private mutating func add(_ key: String, _ label: String, _ value: Value) {
        rows.append(Row(key: key, label: label, value: value))
    }

    /// Sections that nothing here reads: somebody has put them there, and may believe that they count.
    private mutating func addUnknownSections(of container: BinaryContainer) {
        let sections = container.unknownSections
        guard !sections.isEmpty else { return }
        add(
            "unknownSections", "unknown sections",
            .sections(sections.map { Value.Section(id: $0.id, bytes: $0.count) }))
    }

    private mutating func describeR1CS(_ file: MappedFile) throws(FormatError) {
        let r1cs = try R1CSFile(file)
        let terms = try AnyR1CS.load(r1cs, withCustomGates: true).termCount
        add("curve", "curve", .text(r1cs.curve.rawValue))
        add("constraints", "constraints", .integer(r1cs.constraintCount))
        add("terms", "terms", .integer(terms))
        add("wires", "wires", .integer(r1cs.wireCount))
        // As everywhere: the values that a verifier is given.
        let publics = r1cs.publicOutputCount + r1cs.publicInputCount
        add("publicInputs", "public inputs, with outputs", .integer(publics))
        add("outputs", "outputs", .integer(r1cs.publicOutputCount))
        add("privateInputs", "private inputs", .integer(r1cs.privateInputCount))
        add("labels", "labels", Int(exactly: r1cs.labelCount).map { .integer($0) } ?? .large(r1cs.labelCount))
        if r1cs.commitmentCount > 0 {
            add("commitments", "commitments", .integer(r1cs.commitmentCount))
        }
        add("customGates", "custom gates", .flag(!r1cs.customGates.isEmpty))
        if !r1cs.customGates.templates.isEmpty {
            add(
                "customGateTemplates", "templates of custom gates",
                .text(r1cs.customGates.templates.joined(separator: ", ")))
            add("customGateUses", "uses of custom gates", .integer(r1cs.customGates.useCount))
        }
        addUnknownSections(of: r1cs.container)
    }

    private mutating func describeWitness(_ file: MappedFile) throws(FormatError) {
        let witness = try WitnessFile(file)
        add("curve", "curve", .text(witness.curve.rawValue))
        add("wires", "wires", .integer(witness.count))
        addUnknownSections(of: witness.container)
    }

    private mutating func describeProvingKey(_ file: MappedFile) throws(FormatError) {
        let zkey = try ZKeyFile(file)
        let header = zkey.header
        add("protocol", "proof system", .text(header.proofSystem.name))
        add("curve", "curve", .text(header.curve.rawValue))
        add("wires", "wires", .integer(header.variableCount))
        add("publicInputs", "public inputs", .integer(header.publicCount))
        add("domainSize", "domain size", .integer(header.domainSize))
        if let count = header.constraintCount {
            add("gates", "gates", .integer(count))
            add("additions", "additions", .integer(header.additionCount))
        }
        if let count = zkey.coefficientCount {
            add("coefficients", "coefficients of A and B", .integer(count))
        }
        if let count = zkey.contributionCount { add("contributions", "contributions", .integer(count)) }
        if header.proofSystem == .committedGroth16 {
            add("commitments", "commitments", .integer(zkey.commitmentCount))
            if let hash = zkey.commitmentHash { addHash(hash) }
        }
        addUnknownSections(of: zkey.container)
    }

    private mutating func describePowersOfTau(_ file: MappedFile) throws(FormatError) {
        let ptau = try PtauFile(file)
        add("curve", "curve", .text(ptau.curve.rawValue))
        add("power", "power", .integer(ptau.power))
        add("ceremonyPower", "power of the ceremony", .integer(ptau.ceremonyPower))
        add("domainPower", "power of the largest circuits", .integer(ptau.domainPower))
        add("contributions", "contributions", .integer(ptau.contributionCount))
        add("prepared", "prepared for phase 2", .flag(ptau.isPrepared))
        addUnknownSections(of: ptau.container)
    }
}

extension FileSummary {
    private mutating func describeVerifyingKey(_ file: MappedFile) throws(FormatError) {
        let json = JSONDocument(file: file)
        if try json.labels().proofSystem == ProofSystem.committedGroth16.name {
            addKey(try Groth16Files.verifyingKey(file))
            return
        }
        let labels = try json.requireLabel(of: .groth16, .plonk, .fflonk)
        guard let name = labels.curve else { throw json.error(.missingKey, at: "curve") }
        let curve = try json.curve(named: name)
        let publicCount: Int
        if labels.proofSystem == .groth16 {
            publicCount = try Groth16JSON.verifyingKey(file).publicCount
        } else {
            func read<Suite: CurveSuite>(_ suite: Suite.Type) throws(FormatError) -> Int {
                try PolynomialJSON.verifyingKey(file, of: suite).publicCount
            }
            publicCount = try withSuite(curve) { (suite) throws(FormatError) in try read(suite) }
        }
        add("protocol", "proof system", .text(labels.proofSystem.name))
        add("curve", "curve", .text(curve.rawValue))
        add("publicInputs", "public inputs", .integer(publicCount))
    }

    private mutating func addKey<Document: Groth16VerifyingKeyOnCurve>(_ document: Document) {
        let key = document.verifyingKey
        switch key {
        case .plain: add("protocol", "proof system", .text(ProofSystem.groth16.name))
        case .committed: add("protocol", "proof system", .text(ProofSystem.committedGroth16.name))
        }
        add("curve", "curve", .text(Document.Suite.id.rawValue))
        add("publicInputs", "public inputs", .integer(key.publicCount))
        guard case .committed(let committed) = key else { return }
        add("commitments", "commitments", .integer(committed.commitments.count))
        addHash(committed.hash)
    }

    private mutating func addHash(_ hash: CommitmentHash) {
        add("commitmentHash", "hash of commitments", .text(hash.rawValue))
    }

    private mutating func addProof<Suite: ComputeSuite>(_ proof: Groth16Proof<Suite>) {
        switch proof {
        case .plain: add("protocol", "proof system", .text(ProofSystem.groth16.name))
        case .committed: add("protocol", "proof system", .text(ProofSystem.committedGroth16.name))
        }
        add("curve", "curve", .text(Suite.id.rawValue))
        guard case .committed(let committed) = proof else { return }
        add("commitments", "commitments", .integer(committed.commitments.count))
    }

    private mutating func describeGnark(_ file: MappedFile) throws(FormatError) {
        guard let layout = GnarkLayout(file) else { throw FormatError(.unknownFormat, file: file.name) }
        if layout.content == .constraints {
            try describeGnarkConstraints(file)
            return
        }
        guard let curve = layout.curve else {
            let counts = try file.read(at: 0, count: 8)
            add("publicInputs", "public inputs", .integer(Int(counts.bigEndianInteger(at: 0, count: 4))))
            add("privateInputs", "private inputs", .integer(Int(counts.bigEndianInteger(at: 4, count: 4))))
            return
        }
        switch layout.content {
        case .verifyingKey: addKey(try Groth16Files.verifyingKey(file))
        case .proof:
            func read<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) {
                addProof(try GnarkFiles.proof(file, isRaw: layout.isRaw, of: suite))
            }
            try withSuite(curve) { (suite) throws(FormatError) in try read(suite) }
        case .provingKey:
            let header = try GnarkProvingKeyHeader(file, curve: curve, isRaw: layout.isRaw)
            let isPlain = header.commitments.isEmpty
            add(
                "protocol", "proof system",
                .text(isPlain ? ProofSystem.groth16.name : ProofSystem.committedGroth16.name))
            add("curve", "curve", .text(curve.rawValue))
            add("wires", "wires", .integer(header.wireCount))
            add("domainSize", "domain size", .integer(header.domainSize))
            add("commitments", "commitments", .integer(header.commitments.count))
        case .witness, .constraints: break
        }
        add("compressed", "compressed points", .flag(!layout.isRaw))
    }

    private mutating func describeGnarkConstraints(_ file: MappedFile) throws(FormatError) {
        let system = try GnarkConstraints(file)
        add("curve", "curve", .text(system.curve.rawValue))
        add("constraints", "constraints", .integer(system.constraintCount))
        add("wires", "wires", .integer(system.wireCount))
        add("publicInputs", "public inputs", .integer(system.publicCount))
        add("privateInputs", "private inputs", .integer(system.secretCount))
        add("commitments", "commitments", .integer(system.commitments.count))
    }

    /// Without a label the curve is BN254, the only one whose prover leaves it out.
    private mutating func describeProof(_ file: MappedFile) throws(FormatError) {
        let json = JSONDocument(file: file)
        if try json.labels(limit: JSONLimits.proof).proofSystem == ProofSystem.committedGroth16.name {
            try describeCommittedProof(json)
            return
        }
        let labels = try json.requireLabel(
            of: .groth16, .plonk, .fflonk, limit: JSONLimits.proof)
        let named = try labels.curve.map { (name) throws(FormatError) in try json.curve(named: name) }
        func read<Suite: CurveSuite>(_ suite: Suite.Type) throws(FormatError) {
            if labels.proofSystem == .groth16 {
                _ = try Groth16JSON.proof(file, of: suite)
            } else {
                _ = try PolynomialJSON.proof(file, of: suite)
            }
        }
        try withSuite(named ?? .bn254) { (suite) throws(FormatError) in try read(suite) }
        add("protocol", "proof system", .text(labels.proofSystem.name))
        add("curve", "curve", .text(named?.rawValue ?? "not said"))
    }

    private mutating func describeCommittedProof(_ json: JSONDocument) throws(FormatError) {
        guard let name = try json.labels(limit: JSONLimits.proof).curve else {
            throw json.error(.missingKey, at: "curve")
        }
        func read<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) {
            addProof(.committed(try CommittedJSON.proof(json.file, of: suite)))
        }
        try withSuite(json.curve(named: name)) { (suite) throws(FormatError) in try read(suite) }
    }

    private mutating func describePublicInputs(_ file: MappedFile) throws(FormatError) {
        // Which curve the values belong to the file does not say: below the largest group order they all are.
        func read<Suite: CurveSuite>(_ suite: Suite.Type) throws(FormatError) -> Int {
            try PublicInputsJSON.read(file, of: suite).count
        }
        let largest = CurveID.allCases.max {
            KnownPrimes.scalarLimbs($0).isLess(than: KnownPrimes.scalarLimbs($1))
        }
        let count = try withSuite(largest ?? .bn254) { (suite) throws(FormatError) in try read(suite) }
        add("values", "values", .integer(count))
    }

    private mutating func describeAggregate(_ file: MappedFile) throws(FormatError) {
        let header = try AggregateHeader(file)
        func read<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) {
            try header.check(file, of: suite)
        }
        try withSuite(header.curve) { (suite) throws(FormatError) in try read(suite) }
        add("protocol", "proof system", .text(AggregateHeader.proofSystem))
        add("curve", "curve", .text(header.curve.rawValue))
        add("proofs", "proofs", .integer(header.count))
    }

    private mutating func describeAggregationKey(_ file: MappedFile) throws(FormatError) {
        let json = JSONDocument(file: file)
        let labels = try json.labels(limit: JSONLimits.proof)
        guard let name = labels.curve else { throw json.error(.missingKey, at: "curve") }
        let curve = try json.curve(named: name)
        func read<Suite: CurveSuite>(_ suite: Suite.Type) throws(FormatError) {
            _ = try AggregationKeyPoints<Suite>(file)
        }
        try withSuite(curve) { (suite) throws(FormatError) in try read(suite) }
        add("protocol", "proof system", .text(labels.proofSystem))
        add("curve", "curve", .text(curve.rawValue))
    }
}
