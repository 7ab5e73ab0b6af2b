// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Foundations
import MartletClient

extension RemoteWorker {
    /// Bytes that are written and read again; a disk with less room serves nobody.
    private static let sampleBytes = 1 << 20

    /// Why this machine is unfit for jobs, as far as a look at its disk and a prover's start can tell; nil
    /// where nothing is found.
    func selfCheck() async -> String? {
        let scratch = self.scratch
        do {
            try await onBlockingThread {
                let name = "self-check"
                let folder = try scratch.folder(name)
                defer { try? scratch.destroy(name) }
                let sample = Data((0..<Self.sampleBytes).map { _ in UInt8.random(in: .min ... .max) })
                try folder.write(sample, to: "sample")
                guard try folder.read("sample", limit: Self.sampleBytes) == sample else {
                    throw JobFailure(
                        code: .infrastructure, message: "the disk gives back other bytes than were written")
                }
            }
            let prover = try await provers.take("")
            do throws(JobFailure) {
                _ = try await prover.ready()
                await provers.give(prover)
            } catch {
                await provers.give(prover)
                throw error
            }
            return nil
        } catch {
            return JobFailure(remote: error).message
        }
    }
}
