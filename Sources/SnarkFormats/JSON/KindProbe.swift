/// A document of files of one kind: what is not one of them can be called by its name.
protocol KindDocument: Decodable {
    static var kind: FileKind { get }
}

extension Groth16ProofDocument: KindDocument {
    static var kind: FileKind { .proof }
}

extension Groth16KeyDocument: KindDocument {
    static var kind: FileKind { .verifyingKey }
}

/// Public inputs are nothing but texts in an array.
extension [String]: KindDocument {
    static var kind: FileKind { .publicInputs }
}

extension FileKind {
    /// What people call such a file.
    var noun: String {
        switch self {
        case .r1cs: "constraints (r1cs)"
        case .witness: "witness (wtns)"
        case .provingKey: "proving key (zkey)"
        case .powersOfTau: "powers of tau (ptau)"
        case .verifyingKey: "verification key"
        case .proof: "proof"
        case .publicInputs: "public inputs"
        }
    }

    /// The same with an article, where it has one.
    var phrase: String {
        switch self {
        case .r1cs, .powersOfTau, .publicInputs: noun
        case .witness, .provingKey, .verifyingKey, .proof: "a " + noun
        }
    }
}

/// What a JSON file seems to be, by the names of its members alone.
struct KindProbe: Decodable {
    /// As `FileKind.phrase`; nil where nothing tells.
    let phrase: String?

    init(from decoder: any Decoder) throws {
        guard let members = try? decoder.container(keyedBy: PolynomialDocument.Name.self) else {
            phrase = (try? decoder.unkeyedContainer()) == nil ? nil : FileKind.publicInputs.phrase
            return
        }
        func has(_ names: String...) -> Bool {
            names.contains { members.contains(PolynomialDocument.Name($0)) }
        }
        phrase =
            if has("nPublic", "IC", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "X_2") {
                FileKind.verifyingKey.phrase
            } else if has("pi_a", "pi_b", "pi_c", "polynomials", "evaluations") {
                FileKind.proof.phrase
            } else if has("proof"), has("publicSignals") {
                "a proof and public inputs in one object, each of which belongs in a file of its own"
            } else {
                nil
            }
    }
}
