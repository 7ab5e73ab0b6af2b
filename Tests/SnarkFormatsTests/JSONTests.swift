// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing

@Suite struct JSONTests {
    @Test(arguments: Snarkjs.curves)
    func writersGiveTheBytesOfSnarkjs(curve: String) throws {
        let folder = "groth16-\(curve)-multiplier"
        try rewrite(folder, Groth16JSON.verifyingKey(Snarkjs.file("\(folder)/verification_key.json")))
    }

    private func rewrite<Document: VerifyingKeyOnCurve>(_ folder: String, _ document: Document) throws {
        typealias Suite = Document.Suite
        let vkey = document.file
        let alphaBeta = try #require(vkey.alphaBeta)
        #expect(
            Groth16JSON.text(vkey.key, alphaBeta: alphaBeta)
                == (try Snarkjs.text("\(folder)/verification_key.json")))
        let proof = try Groth16JSON.proof(Snarkjs.file("\(folder)/proof.json"), of: Suite.self)
        #expect(Groth16JSON.text(proof) == (try Snarkjs.text("\(folder)/proof.json")))
        let inputs = try PublicInputsJSON.read(
            Snarkjs.file("\(folder)/public.json"), of: Suite.self, count: 2)
        #expect(PublicInputsJSON.text(inputs) == (try Snarkjs.text("\(folder)/public.json")))
    }

    @Test func calldata() throws {
        let proof = try Groth16JSON.proof(Snarkjs.file("groth16-bn128-multiplier/proof.json"), of: BN254.self)
        // Computed from proof.json and public.json with Python's integers.
        let expected = """
            ["0x1361bf74da8278646d0a3e75b5c4b56cd45b124825f839316906ca2c0a76111b", \
            "0x0d2d84d0dddc461c8eaaa4af0f52f4fc17695849b1c9fd0ec3e9f9dbb59627da"],\
            [["0x24bbdcd35b259c8b2b186135e358f94b423e825e06d89f749a6e915222e5f4c3", \
            "0x215ed23a93b981ec2c7a566d146ff5aa3ee041b3b5eb6c7ef0cda57248beddc9"],\
            ["0x2a6d73be3bd27e701d76f8f87ed6ddfe67a6ded937f225d6e2e6e703f6a36d57", \
            "0x07b826b74fa3e3d979a5a6d4ebd935011585ecbaaf4610b65c4b8ad3b92b373d"]],\
            ["0x148bc1dfc030ff3cbbefa1479a991d23bed2b98e83a96ef997f9f67146cd0db7", \
            "0x2d24d2d1dce968cac12421519580f91d01dc91dd67d1e9599bfa71a6515b3293"],\
            ["0x000000000000000000000000000000000000000000000000000000000000006c",\
            "0x0000000000000000000000000000000000000000000000000000000000000003"]
            """
        #expect(try EVMCalldata.text(proof, publicInputs: [108, 3]) == expected)
        let other = try Groth16JSON.proof(
            Snarkjs.file("groth16-bls12381-multiplier/proof.json"), of: BLS12381.self)
        let error = formatError { () throws(FormatError) in try EVMCalldata.text(other, publicInputs: []) }
        #expect(error?.reason == .unsupportedCurve(found: "bls12381", wanted: "bn254"))
    }

    @Test func theIdentityIsWrittenAndReadAsSnarkjsDoes() throws {
        let proof = Proof<BN254>(a: .identity, b: .identity, c: .identity)
        let text = Groth16JSON.text(proof)
        let flat = text.filter { !" \n".contains($0) }
        #expect(flat.contains(#""pi_a":["0","1","0"],"pi_b":[["0","0"],["1","0"],["0","0"]]"#))
        #expect(try Groth16JSON.proof(MappedFile(copying: text.utf8, name: "p"), of: BN254.self) == proof)
    }

    @Test func emptyPublicInputs() throws {
        #expect(PublicInputsJSON.text([BN254.Fr]()) == "[]")
        let read = try PublicInputsJSON.read(
            MappedFile(copying: "[]".utf8, name: "p"), of: BN254.self, count: 0)
        #expect(read.isEmpty)
    }

    @Test func labelsAndUnknownKeys() throws {
        let text = try Snarkjs.text("groth16-bn128-multiplier/proof.json")
        // As rapidsnark writes it, without the curve; and with a key that nobody knows.
        let bare = text.replacingOccurrences(of: ",\n \"curve\": \"bn128\"", with: "")
        #expect(!bare.contains("curve"))
        _ = try Groth16JSON.proof(MappedFile(copying: bare.utf8, name: "p"), of: BN254.self)
        let extra = text.replacingOccurrences(
            of: "{\n \"pi_a\"", with: "{\n \"new\": [1, {\"a\": null}],\n \"pi_a\"")
        #expect(extra.contains("new"))
        _ = try Groth16JSON.proof(MappedFile(copying: extra.utf8, name: "p"), of: BN254.self)

        #expect(
            refusal(text, "\"groth16\"", "\"plonk\"")?.reason
                == .wrongLabel(expected: "groth16", found: "plonk"))
        #expect(
            refusal(text, "\"bn128\"", "\"bls12381\"")?.reason
                == .curveMismatch(expected: "bn254", found: "bls12381"))
        #expect(refusal(text, "\"protocol\": \"groth16\",\n", "")?.reason == .missingKey)
        #expect(refusal(text, "\"pi_c\"", "\"pi_d\"")?.place.key == "pi_c")
    }

    /// What is strict about numbers: each replacement of a correct value must be refused, for the reason
    /// given.
    @Test(arguments: [
        (#""1""#, #""2""#, "wrong_type"), (#""1""#, #"1"#, "wrong_type"), (#""1""#, #""01""#, "wrong_type"),
        (#""8766"#, #""08766"#, "not_decimal"), (#""8766"#, #""-8766"#, "not_decimal"),
        (#""8766"#, #""+8766"#, "not_decimal"), (#""8766"#, #"" 8766"#, "not_decimal"),
        (#""8766"#, #""0x8766"#, "not_decimal"), (#""8766"#, #""8766٣"#, "not_decimal"),
        (#""8766"#, #""9998766"#, "coordinate_out_of_range"), (#""8766"#, #"null, "8766"#, "wrong_type"),
        (#""8766"#, #""1", "8766"#, "wrong_type"), (#""8766"#, #"["8766"], "8766"#, "wrong_type"),
        (#""8766"#, #"8766, "8766"#, "wrong_type"), (#""8766"#, #""8766", "#, "not_json"),
    ])
    func numbersAreStrict(old: String, new: String, code: String) throws {
        let text = try Snarkjs.text("groth16-bn128-multiplier/proof.json")
        #expect(refusal(text, old, new)?.word == code)
    }

    /// What two readers would take for two things is neither.
    @Test func documentsHaveOneReading() throws {
        let text = try Snarkjs.text("groth16-bn128-multiplier/proof.json")
        let decoy = "[\"1\", \"2\", \"1\"]"
        for (old, new, words) in [
            ("\"pi_b\"", "\"pi_a\": \(decoy), \"pi_b\"", "the member occurs twice (line 7, column 2)"),
            ("\"pi_a\"", "\"pi_a\": \(decoy), \"pi_a\"", "the member occurs twice"),
            ("\"pi_b\"", "\"p\\u0069_a\": \(decoy), \"pi_b\"", "the member occurs twice"),
            ("\"pi_b\"", "\"PI_A\": \(decoy), \"pi_b\"", "in upper and lower case only"),
            ("\"pi_b\"", "// \n \"pi_b\"", "a comment"), ("\n}", ",\n}", "a comma with nothing after it"),
        ] {
            let error = refusal(text, old, new)
            #expect(
                error?.word == "not_json" && error?.message.contains(words) == true,
                "\(error?.message ?? "taken")")
        }
        let trailing = MappedFile(copying: #"["108","3",]"#.utf8, name: "public.json")
        #expect(
            formatError { () throws(FormatError) in try PublicInputsJSON.read(trailing, of: BN254.self) }?
                .message
                == "public.json: public inputs, [1]: not valid JSON: a comma with nothing after it (line 1, column 11)"
        )
    }

    /// A file that is given as another one, and one with something missing, are called what they are.
    @Test func filesOfOtherKindsAreNamed() throws {
        let folder = "groth16-bn128-multiplier"
        let vkey = try Snarkjs.text("\(folder)/verification_key.json")
        let proof = try Snarkjs.text("\(folder)/proof.json")
        func words(_ bytes: some Sequence<UInt8>, _ read: (MappedFile) throws(FormatError) -> Void) -> String
        {
            let file = MappedFile(copying: Array(bytes), name: "f")
            return formatError { () throws(FormatError) in try read(file) }?.message ?? "taken"
        }
        func asKey(_ bytes: some Sequence<UInt8>) -> String {
            words(bytes) { (f) throws(FormatError) in _ = try Groth16JSON.verifyingKey(f) }
        }
        func asProof(_ bytes: some Sequence<UInt8>) -> String {
            words(bytes) { (f) throws(FormatError) in _ = try Groth16JSON.proof(f, of: BN254.self) }
        }
        func asInputs(_ bytes: some Sequence<UInt8>) -> String {
            words(bytes) { (f) throws(FormatError) in _ = try PublicInputsJSON.read(f, of: BN254.self) }
        }
        #expect(asKey(proof.utf8) == "f: holds a proof, where a verification key is wanted")
        #expect(asProof(vkey.utf8) == "f: holds a verification key, where a proof is wanted")
        #expect(asProof("[\"1\"]".utf8) == "f: holds public inputs, where a proof is wanted")
        #expect(asInputs(proof.utf8) == "f: holds a proof, where public inputs are wanted")
        #expect(
            asKey(try Snarkjs.bytes("\(folder)/circuit_final.zkey")).contains("holds a proving key (zkey)"))
        #expect(asInputs(try Snarkjs.bytes("\(folder)/witness.wtns")).contains("holds a witness (wtns)"))
        #expect(
            asProof("{\"proof\":\(proof),\"publicSignals\":[]}".utf8).contains(
                "a proof and public inputs in one object, each of which belongs in a file of its own"))
        for name in ["nPublic", "curve", "protocol", "IC", "vk_gamma_2"] {
            let without = vkey.replacingOccurrences(of: "\"\(name)\"", with: "\"x\"")
            #expect(asKey(without.utf8) == "f: verification key, \(name): missing")
        }
        for name in ["pi_a", "pi_c", "protocol"] {
            let without = proof.replacingOccurrences(of: "\"\(name)\"", with: "\"x\"")
            #expect(asProof(without.utf8) == "f: proof, \(name): missing")
        }
    }

    private func refusal(_ text: String, _ old: String, _ new: String) -> FormatError? {
        guard let range = text.range(of: old) else {
            Issue.record("\(old) does not occur")
            return nil
        }
        let file = MappedFile(
            copying: text.replacingCharacters(in: range, with: new).utf8, name: "proof.json")
        return formatError { () throws(FormatError) in try Groth16JSON.proof(file, of: BN254.self) }
    }

    @Test func coordinatesAboveTheModulusAreRefused() throws {
        // y + q names the same residue, and still is not y.
        let text = try Snarkjs.text("groth16-bn128-multiplier/proof.json")
        let y = "5960491811048805339761406710727592221904424973818069771241299093820267702234"
        let yPlusQ = "27848734682888080562007812455984867310600736131115893433930336988465493910817"
        #expect(refusal(text, y, yPlusQ)?.reason == .coordinateOutOfRange)
        #expect(refusal(text, y, y + String(repeating: "0", count: 4000))?.reason == .coordinateOutOfRange)
    }

    @Test func pointsOutsideTheSubgroupAreRefused() throws {
        // Any x with a square x³ + 4 gives a point of BLS12-381; few lie in the subgroup.
        var x = BLS12381.Fp.one
        while (x.squared() * x + BLS12381.G1.b).squareRoot() == nil { x += .one }
        let y = try #require((x.squared() * x + BLS12381.G1.b).squareRoot())
        let point = Affine<BLS12381.G1>(x: x, y: y)
        try #require(point.isOnCurve && !point.isValid)
        var proof = try Groth16JSON.proof(
            Snarkjs.file("groth16-bls12381-multiplier/proof.json"), of: BLS12381.self)
        proof.c = point
        let file = MappedFile(copying: Groth16JSON.text(proof).utf8, name: "p")
        let error = formatError { () throws(FormatError) in try Groth16JSON.proof(file, of: BLS12381.self) }
        #expect(
            error?.reason == .pointNotInSubgroup && error?.place.key == "pi_c"
                && error?.isInvalidPoint == true)
    }

    @Test func verificationKeysAreStrict() throws {
        let text = try Snarkjs.text("groth16-bn128-multiplier/verification_key.json")
        func code(_ old: String, _ new: String) -> String? {
            let changed = text.replacingOccurrences(of: old, with: new)
            #expect(changed != text)
            let file = MappedFile(copying: changed.utf8, name: "v")
            return formatError { () throws(FormatError) in try Groth16JSON.verifyingKey(file) }?.word
        }
        #expect(code("\"nPublic\": 2", "\"nPublic\": 3") == "count_mismatch")
        #expect(code("\"nPublic\": 2", "\"nPublic\": -1") == "count_mismatch")
        #expect(code("\"nPublic\": 2", "\"nPublic\": \"2\"") == "wrong_type")
        #expect(code("\"nPublic\": 2", "\"nPublic\": 99999999999999999999") == "wrong_type")
        #expect(code("\"bn128\"", "\"secp256k1\"") == "unsupported_curve")
        #expect(code("\"IC\"", "\"ic\"") == "missing_key")
        let alpha = #"""
              "15926106298902229736580637354293013070987052584322945213625311367807005550902",
              "5659375030397823255069144738685314407630757845420245675962302200751543098706",
              "1"
            """#
        #expect(code(alpha, #"  "0", "1", "0""#) == "identity_not_allowed")
        #expect(code(alpha, #"  "0", "0", "1""#) == "point_not_on_curve")
    }

    @Test func hugeAndDeepInputIsRefused() {
        let deep = MappedFile(copying: [UInt8](repeating: UInt8(ascii: "["), count: 100_000), name: "deep")
        #expect(
            formatError { () throws(FormatError) in try PublicInputsJSON.read(deep, of: BN254.self) } != nil)
        let huge = MappedFile(copying: [UInt8](repeating: UInt8(ascii: " "), count: 65_537), name: "huge")
        let error = formatError { () throws(FormatError) in try Groth16JSON.proof(huge, of: BN254.self) }
        #expect(error?.word == "too_large")
    }
}
