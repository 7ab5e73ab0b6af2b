// SPDX-License-Identifier: Apache-2.0

import Foundation
import Outcomes

/// What a job leaves in a directory of the caller's: `proof.json`, `public.json` and `result.json`.
///
/// Where they cannot go is found out before there is a job to wait for.
struct ResultFiles {
    static let names = ["proof.json", "public.json", "result.json"]

    private let directory: String
    private let files: OutputFiles

    /// Makes the directory where it is missing.
    ///
    /// - Parameter inputs: files that must not be written over.
    /// - Throws: `.badInput` where a file would be an input, or one is where the directory should be;
    ///   `.infrastructure` for what cannot be written.
    init(in directory: String, inputs: [String?]) throws {
        try OutputFile.make(directory: directory)
        self.directory = directory
        files = try OutputFiles(Self.names.map { "\(directory)/\($0)" }, inputs: inputs)
    }

    /// Writes all three or none.
    ///
    /// - Throws: `.infrastructure`, naming what could not be written.
    func write(proof: Data, publicInputs: Data, result: Data) throws {
        try files.write([proof, publicInputs, result])
    }

    /// Where proof and public inputs are, for a report.
    var places: ResultDocument.Files {
        .init(proof: directory + "/proof.json", public: directory + "/public.json")
    }
}
