// SPDX-License-Identifier: Apache-2.0

import Digests
import Failures
import Foundation
import Foundations
import Logging
import Outcomes
package import ProvingEngine
import StrictJSON
import Synchronization

/// The process that proves for a `RemoteWorker`: takes one request a line, one after the other, and keeps
/// keys loaded.
///
/// It ends when its input ends, also in the middle of a proof: so it never outlives its worker.
package final class ProverService: Sendable {
    private let engine: ProvingEngine
    private let keys: KeyCache<LoadedKey>
    /// From the thread that reads to the one that proves.
    private let requests = Monitor<[ProverRequest]>([])
    /// What messages call the key: its path on this machine means nothing to others.
    private static let key = "the proving key"
    /// What the key that is loaded next has to be.
    private let expected = ExpectedDigest()

    /// - Parameters:
    ///   - keyMemory: how many bytes of keys are kept.
    ///   - keyMultiples: how many bytes precomputed multiples of each key's points may take.
    package init(engine: ProvingEngine, keyMemory: Int, keyMultiples: Int) {
        self.engine = engine
        let expected = expected
        keys = KeyCache(budget: keyMemory) { (path: String) throws(JobFailure) in
            // A disk may have changed it since it was fetched.
            if let digest = expected.value, try SHA256Digest.hex(ofFileAt: path, named: Self.key) != digest {
                throw JobFailure(
                    code: .infrastructure, message: "the proving key on this worker's disk is damaged")
            }
            let key = try engine.loadKey(path: path, named: Self.key, multiples: keyMultiples)
            return KeyCache.Loaded(key: key, bytes: key.estimatedMemory)
        }
    }

    /// Serves requests on the calling thread, for the rest of the process' life.
    package func run() -> Never {
        // The worker decides when its provers end, not the terminal or the service manager.
        signal(SIGTERM, SIG_IGN)
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // A driver that prints something must not disturb the protocol.
        let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        dup2(2, 1)
        let reader = Thread { self.read() }
        reader.name = "martlet-requests"
        reader.start()
        send(.init(ready: .init(backend: engine.backendName, threads: engine.threads)), to: output)
        while true {
            let request = requests.wait { $0.isEmpty ? nil : $0.removeFirst() }
            do throws(JobFailure) {
                let facts = try prove(request) {
                    self.send(.init(id: request.id, phase: $0), to: output)
                }
                send(.init(id: request.id, done: facts), to: output)
            } catch {
                send(
                    .init(id: request.id, failed: .init(code: error.code, message: error.message)),
                    to: output)
            }
        }
    }

    private func prove(
        _ request: ProverRequest, _ observe: @escaping @Sendable (JobPhase) -> Void
    ) throws(JobFailure) -> ProofFacts {
        observe(.key)
        let start = ContinuousClock.now
        expected.value = request.digest
        let key = try keys.key(at: request.zkey, named: Self.key).key
        let loading = start.secondsAgo
        let output = try engine.prove(
            key: key, witnessPath: request.witness, named: ProvingEngine.unnamedWitness
        ) { phase in
            observe(phase)
            if phase != .witness { FaultInjection.reached("remote-mid-proof") }
        }
        do {
            for (path, data) in [(request.proof, output.proofJSON), (request.public, output.publicJSON)] {
                try Self.make(path, data)
            }
        } catch {
            throw JobFailure(
                code: .infrastructure, message: "the proof cannot be written: \(SystemReason.text(error))")
        }
        var facts = output.facts
        facts.precede(
            by: [.init(phase: JobPhase.key.rawValue, seconds: loading)],
            total: loading + (facts.timings?.total ?? 0))
        return facts
    }

    /// Makes a file. It need not outlive a loss of power: the worker keeps what is in it elsewhere.
    private static func make(_ path: String, _ data: Data) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        try file.write(contentsOf: data)
        try file.close()
    }

    /// Takes requests in until the input ends, and the process with it.
    private func read() {
        var lines = LineBuffer(limit: 64 << 10)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        while true {
            let count = Foundation.read(0, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0,
                let complete = lines.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            else { _exit(0) }
            for line in complete {
                guard let request = try? StrictJSONDecoder().decode(ProverRequest.self, from: line) else {
                    _exit(2)
                }
                requests.change { $0.append(request) }
            }
        }
    }

    private func send(_ message: ProverMessage, to output: Int32) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        guard let data = try? encoder.encode(message) else { return }
        // A write that fails means that the worker is gone: the end of the input says so as well.
        (data + Data("\n".utf8)).withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(output, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}

/// A digest, for the one thread that proves and what it calls.
private final class ExpectedDigest: Sendable {
    private let stored = Mutex<String?>(nil)

    var value: String? {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}
