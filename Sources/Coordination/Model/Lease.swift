// SPDX-License-Identifier: Apache-2.0

import Failures
package import Foundation
import Foundations
package import Outcomes

/// A worker's wish for a job.
package struct LeaseRequest: Sendable, Equatable, Codable {
    /// The worker's name, for people and metrics: `JobID`'s alphabet.
    package var worker: String
    /// Made anew whenever the worker starts: a repeated wish of one incarnation gets the lease that it holds
    /// already.
    package var incarnation: String
    /// Which of the worker's slots asks; each holds one lease.
    package var slot: Int
    /// What computes there.
    package var devices: [String]
    /// Digests of the circuits whose keys are loaded: preferred among jobs of one priority.
    package var loadedCircuits: [String]
    /// Memory that a job may take, in bytes; `nil` for no limit.
    package var freeBytes: Int64?
    /// Seconds that the answer may wait for a job, 0 to 60.
    package var wait: Double?
    /// A witness of at most so many bytes comes with the lease, unless that is more than the coordinator
    /// sends along.
    package var inlineWitness: Int64?
    /// Why the worker takes no jobs at the moment: then it is told to people, and the answer has no job.
    package var unready: String?

    package init(
        worker: String, incarnation: String, slot: Int = 0, devices: [String] = [],
        loadedCircuits: [String] = [], freeBytes: Int64? = nil, wait: Double? = nil,
        inlineWitness: Int64? = nil, unready: String? = nil
    ) {
        self.unready = unready
        self.worker = worker
        self.incarnation = incarnation
        self.slot = slot
        self.devices = devices
        self.loadedCircuits = loadedCircuits
        self.freeBytes = freeBytes
        self.wait = wait
        self.inlineWitness = inlineWitness
    }

    private enum CodingKeys: String, CodingKey {
        case worker, incarnation, slot, devices, loadedCircuits, freeBytes, wait, inlineWitness, unready
    }

    /// Fills in what is left out.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        worker = try container.decode(String.self, forKey: .worker)
        incarnation = try container.decode(String.self, forKey: .incarnation)
        slot = try container.decodeIfPresent(Int.self, forKey: .slot) ?? 0
        devices = try container.decodeIfPresent([String].self, forKey: .devices) ?? []
        loadedCircuits = try container.decodeIfPresent([String].self, forKey: .loadedCircuits) ?? []
        freeBytes = try container.decodeIfPresent(Int64.self, forKey: .freeBytes)
        wait = try container.decodeIfPresent(Double.self, forKey: .wait)
        inlineWitness = try container.decodeIfPresent(Int64.self, forKey: .inlineWitness)
        unready = try container.decodeIfPresent(String.self, forKey: .unready)
    }
}

extension LeaseRequest {
    /// As it is kept: a worker's word, so its texts have an end.
    package var bounded: LeaseRequest {
        var request = self
        request.devices = devices.map { $0.bounded(bytes: 200) }.filter { !$0.isEmpty }
        request.unready = unready.map { $0.bounded(bytes: 1000) }
            .map { $0.isEmpty ? "the worker does not say why" : $0 }
        return request
    }
}

/// A job in a worker's hands for `ttl` seconds, unless renewed.
package struct Lease: Sendable, Equatable, Codable {
    /// Names the job to worker endpoints; unlike the job's own id it is unique in the whole store.
    package var lease: String
    package var epoch: Int
    package var job: String
    package var circuit: Circuit
    /// With the key of its tag.
    package var witness: WitnessReference
    /// The witness itself, where the worker wished for it and it is small; base64 in JSON.
    package var witnessData: Data?
    /// Which try of the job this is, from 1.
    package var attempt: Int
    /// Seconds until the lease ends, from the answer on.
    package var ttl: Double
    /// Seconds between renewals.
    package var renewEvery: Double
    /// Seconds for which it is renewed at most.
    package var limit: Double?
    /// W3C trace context of the submission.
    package var traceparent: String?

    package init(
        lease: String, epoch: Int, job: String, circuit: Circuit, witness: WitnessReference, attempt: Int,
        ttl: Double, renewEvery: Double, limit: Double? = nil, traceparent: String? = nil,
        witnessData: Data? = nil
    ) {
        self.limit = limit
        self.lease = lease
        self.epoch = epoch
        self.job = job
        self.circuit = circuit
        self.witness = witness
        self.attempt = attempt
        self.ttl = ttl
        self.renewEvery = renewEvery
        self.traceparent = traceparent
        self.witnessData = witnessData
    }
}

/// A sign of life.
package struct Renewal: Sendable, Equatable, Codable {
    package var epoch: Int
    package var phase: String?
    /// From 0 to 1.
    package var progress: Double?

    package init(epoch: Int, phase: String? = nil, progress: Double? = nil) {
        self.epoch = epoch
        self.phase = phase
        self.progress = progress
    }

    /// As it is kept: a worker's word, so its text has an end.
    package var bounded: Renewal {
        let phase = phase.map { $0.bounded(bytes: 64) }
        return Renewal(epoch: epoch, phase: phase?.isEmpty == true ? nil : phase, progress: progress)
    }
}

/// What a worker is to do with its job.
package enum LeaseOrder: String, Sendable, Codable {
    /// Go on.
    case `continue`
    /// Nobody wants it any more: stop, keep nothing.
    case cancel
    /// The lease was lost: another worker has the job. A proof still counts if it comes first.
    case lost
}

/// The answer to a renewal.
package struct RenewalAnswer: Sendable, Equatable, Codable {
    package var order: LeaseOrder
    /// Seconds until the lease ends, where it goes on.
    package var ttl: Double

    package init(order: LeaseOrder, ttl: Double) {
        self.order = order
        self.ttl = ttl
    }
}

/// Why a worker gives a job up; `code` is one of `FailureCode`.
package struct FailureReport: Sendable, Equatable, Codable {
    package var epoch: Int
    package var code: String
    package var message: String

    package init(epoch: Int, code: String, message: String) {
        self.epoch = epoch
        self.code = code
        self.message = message
    }

    /// As it is kept: a worker's word, so its text has an end.
    package var bounded: FailureReport {
        let message = message.bounded(bytes: 2000)
        return FailureReport(
            epoch: epoch, code: code, message: message.isEmpty ? "the worker does not say why" : message)
    }
}

/// A lease given back with the attempt not counted.
package struct Release: Sendable, Equatable, Codable {
    package var epoch: Int

    package init(epoch: Int) { self.epoch = epoch }
}

/// A finished proof. Any epoch will do: the first that verifies wins.
package struct Completion: Sendable, Equatable, Codable {
    package var epoch: Int
    /// The text of snarkjs' `proof.json`.
    package var proof: String
    /// The text of snarkjs' `public.json`.
    package var publicInputs: String
    /// How the proof was made: what a worker knows of that. The coordinator adds the other facts.
    package var report: ProofFacts

    package init(epoch: Int, proof: String, publicInputs: String, report: ProofFacts) {
        self.epoch = epoch
        self.proof = proof
        self.publicInputs = publicInputs
        self.report = report
    }

    private enum CodingKeys: String, CodingKey {
        case epoch, proof, publicInputs, report
    }

    /// Reads a completion; the report has what a worker is asked for.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        epoch = try container.decode(Int.self, forKey: .epoch)
        proof = try container.decode(String.self, forKey: .proof)
        publicInputs = try container.decode(String.self, forKey: .publicInputs)
        report = try ProofFacts(reportFrom: container.superDecoder(forKey: .report))
    }
}

/// What became of a completion.
package struct CompletionAnswer: Sendable, Equatable, Codable {
    package enum Outcome: String, Sendable, Codable {
        /// This proof is the job's result.
        case accepted
        /// The job had a result, or an end, already.
        case ended
    }
    package var outcome: Outcome
    package var state: Job.State

    package init(outcome: Outcome, state: Job.State) {
        self.outcome = outcome
        self.state = state
    }
}
