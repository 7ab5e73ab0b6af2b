// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import Outcomes
import ProvingEngine
import SnarkFormats

/// Proofs and their public inputs, in an order that counts: by options, or from a list.
struct ProofFiles: ParsableArguments {
    @Option(
        name: .customLong("public"), parsing: .singleValue,
        help: ArgumentHelp("Public inputs, one file for each proof.", valueName: "file"), completion: .file())
    var publicInputs: [String] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("A proof.", valueName: "file"), completion: .file())
    var proof: [String] = []

    @Option(
        help: ArgumentHelp(
            "A list in place of --proof and --public: two paths per line, proof and public inputs, separated by blanks or a tab. Paths are relative to the list, or to the current directory if the list is a pipe.",
            valueName: "file"), completion: .file())
    var list: String?

    func validate() throws {
        guard list == nil || (proof.isEmpty && publicInputs.isEmpty) else {
            throw ValidationError("--list takes the place of --proof and --public.")
        }
        guard list == nil else { return }
        guard proof.count == publicInputs.count else {
            throw ValidationError(
                "\(proof.count) --proof and \(publicInputs.count) --public: each proof needs one of each.")
        }
        guard !proof.isEmpty else {
            throw ValidationError("--proof and --public are missing, and there is no --list.")
        }
    }

    /// - Throws: `.badInput` for a list that cannot be read.
    func files() throws -> [(proof: String, publicInputs: String)] {
        if let list { return try ProofList.read(list) }
        return Array(zip(proof, publicInputs))
    }

    /// Says which proofs are invalid, where what is made of them needs all to be valid.
    ///
    /// - Parameter json: whether standard output gets an error document.
    /// - Throws: `Exit.invalid` once that is said; `.badInput` for files that are not what they should be.
    static func requireValid(
        _ files: [ProofVerification.Files], vkey: MappedFile, threads: Int, json: Bool
    ) throws {
        let reasons = try ProofVerification.verify(vkey: vkey, proofs: files, threads: threads)
            .filter { !$0.valid }.map { "\($0.proof): \($0.reason ?? "invalid")" }
        if reasons.isEmpty { return }
        for reason in reasons { Console.error("martlet: \(reason)") }
        if json {
            try Console.printJSON(
                ErrorDocument(code: .invalidProof, message: reasons.joined(separator: "; ")))
        }
        throw Exit.invalid
    }
}

enum ProofList {
    private static let sizeLimit = 256 << 20

    /// Reads a list of two paths a line; empty lines do not count.
    static func read(_ path: String) throws -> [(proof: String, publicInputs: String)] {
        let file = try MappedFile(input: path, limit: sizeLimit)
        let text = try file.text()
        // A list that comes through a pipe lies nowhere: its paths are those of the command.
        let isPipe = path == "-" || FileLocation(input: path)?.isReadThrough == true
        let folder = isPipe ? nil : URL(filePath: path).deletingLastPathComponent()
        var files: [(proof: String, publicInputs: String)] = []
        for (number, line) in text.textLines.enumerated() {
            let separator: Character = line.contains("\t") ? "\t" : " "
            let paths = line.split(separator: separator)
            if paths.isEmpty { continue }
            guard paths.count == 2 else {
                throw JobFailure(
                    code: .badInput,
                    message: "\(file.name):\(number + 1): \(Count.text(paths.count, "path")), not two")
            }
            let both = paths.map { URL(filePath: String($0), relativeTo: folder).path }
            files.append((both[0], both[1]))
        }
        guard !files.isEmpty else {
            throw JobFailure(code: .badInput, message: "\(file.name): names no proof")
        }
        return files
    }
}
