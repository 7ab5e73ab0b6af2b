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
    func files() throws -> [ProofList.Entry] {
        if let list { return try ProofList.read(list) }
        return zip(proof, publicInputs).map { ProofList.Entry(proof: $0, publicInputs: $1, place: nil) }
    }

    /// Says which proofs are invalid, where what is made of them needs all to be valid.
    ///
    /// - Parameter json: whether standard output gets an error document.
    /// - Throws: `Exit.invalid` once that is said; `.badInput` for files that are not what they should be.
    static func requireValid(
        _ files: [ProofVerification.Files], vkey: MappedFile, threads: Int, json: Bool
    ) throws {
        let findings = try ProofVerification.verify(vkey: vkey, proofs: files, threads: threads)
        let reasons = zip(files, findings).filter { !$1.valid }.map { file, finding in
            (file.place.map { "\($0): " } ?? "") + "\(finding.proof): \(finding.reason ?? "invalid")"
        }
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

    /// The files of a proof, and where a list names them: as `proofs.txt:3`.
    struct Entry {
        var proof: String
        var publicInputs: String
        var place: String?

        /// - Throws: what is wrong with a file, with its place.
        func open() throws(FormatError) -> ProofVerification.Files {
            try .open(proof: proof, publicInputs: publicInputs, place: place)
        }
    }

    /// Reads a list of two paths a line; empty lines do not count.
    static func read(_ path: String) throws -> [Entry] {
        let file = try MappedFile(input: path, limit: sizeLimit)
        let text = try file.text()
        // A list that comes through a pipe lies nowhere: its paths are those of the command.
        let isPipe = path == "-" || FileLocation(input: path)?.isReadThrough == true
        let folder = isPipe ? nil : URL(filePath: path).deletingLastPathComponent()
        var files: [Entry] = []
        for (number, line) in text.textLines.enumerated() {
            let separator: Character = line.contains("\t") ? "\t" : " "
            let paths = line.split(separator: separator)
            if paths.isEmpty { continue }
            let place = "\(file.name):\(number + 1)"
            guard paths.count == 2 else {
                throw JobFailure(
                    code: .badInput,
                    message: "\(place): \(Count.text(paths.count, "path")), not two")
            }
            let both = paths.map { URL(filePath: String($0), relativeTo: folder).path }
            files.append(Entry(proof: both[0], publicInputs: both[1], place: place))
        }
        guard !files.isEmpty else {
            throw JobFailure(code: .badInput, message: "\(file.name): names no proof")
        }
        return files
    }

    /// The public inputs of a proof: a file, and where a list names it.
    struct PublicInputs {
        var path: String
        var place: String?

        /// - Throws: what is wrong with the file, with its place.
        func read<R>(_ body: (MappedFile) throws(FormatError) -> R) throws(FormatError) -> R {
            do throws(FormatError) {
                return try body(MappedFile(json: path))
            } catch {
                throw error.listed(at: place)
            }
        }
    }

    /// The public inputs of the proofs of a list, or those of files where there is none.
    static func publicInputs(_ list: String?, or files: [String]) throws -> [PublicInputs] {
        guard let list else { return files.map { PublicInputs(path: $0, place: nil) } }
        return try read(list).map { PublicInputs(path: $0.publicInputs, place: $0.place) }
    }
}
