// SPDX-License-Identifier: Apache-2.0

public import Compute
import Crypto
import Curves
import EllipticCurves
import FiniteFields
public import Groth16

/// The factor x and the point s·G1 of a beacon's contribution, which everybody can find: they are drawn from
/// a ChaCha20 stream whose seed is the value, hashed 2^logIterations times with SHA-256, as big-endian words.
struct BeaconSecrets<Suite: ComputeSuite> {
    let factor: Suite.Fr
    let g1S: Affine<Suite.G1>

    init(_ beacon: SetupContribution<Suite>.Beacon) {
        var stream = ChaChaStream(seed: Self.seed(beacon))
        self.init(&stream)
    }

    /// Several, one after another from one stream, where there are more secrets than δ.
    static func all(_ beacon: SetupContribution<Suite>.Beacon, count: Int) -> [BeaconSecrets] {
        var stream = ChaChaStream(seed: seed(beacon))
        return (0..<count).map { _ in BeaconSecrets(&stream) }
    }

    private init(_ stream: inout ChaChaStream) {
        factor = ChaChaPoints<Suite>.scalar(&stream)
        g1S = ChaChaPoints<Suite>.point1(&stream)
    }

    private static func seed(_ beacon: SetupContribution<Suite>.Beacon) -> [UInt32] {
        var digest = SHA256.hash(data: beacon.value)
        var done: UInt64 = 1
        while done < UInt64(1) << UInt64(beacon.logIterations) {
            digest = digest.withUnsafeBytes { bytes in
                var hash = SHA256()
                hash.update(bufferPointer: bytes)
                return hash.finalize()
            }
            done += 1
        }
        return digest.withUnsafeBytes { bytes in
            (0..<8).map { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
        }
    }
}

extension SetupTranscript where Suite: ComputeSuite {
    /// The contribution of a beacon: randomness that became public only after the last contributor was done.
    /// It hides nothing; it keeps the last contributor from choosing δ.
    ///
    /// - Parameters:
    ///   - parallel: threads for the work.
    ///   - key: the key so far.
    ///   - beacon: its value, and how often it is hashed.
    ///   - name: where the value comes from.
    /// - Precondition: the value has 1 to 255 bytes, and the logarithm is below 64.
    public func contributing(
        to key: ProvingKey<Suite>, beacon: SetupContribution<Suite>.Beacon, name: String, parallel: Parallel
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        precondition((1...255).contains(beacon.value.count) && (0..<64).contains(beacon.logIterations))
        let secrets = BeaconSecrets<Suite>(beacon)
        let parameters = SetupContribution<Suite>.parameters(name: name, beacon: beacon)
        return appending(
            factor: SecretValue(secrets.factor), g1S: secrets.g1S, kind: 1, parameters: parameters, to: key,
            parallel)
    }
}
