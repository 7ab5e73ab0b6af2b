// SPDX-License-Identifier: Apache-2.0

import Crypto
import Digests
import Foundation

/// The secrets with which callbacks are signed: each tenant has its own, made of the operator's.
///
/// A tenant can neither find out another's nor the operator's, as long as that has enough randomness: `serve`
/// demands 32 characters.
package enum CallbackSecret {
    /// Characters that the operator's secret has at least.
    package static let shortest = 32

    /// 64 lower-case hexadecimal digits: the HMAC-SHA256 of "martlet callbacks of TENANT" under the
    /// operator's secret. As it stands, in ASCII, it is the key of the signatures.
    package static func of(tenant: String, operator secret: String) -> String {
        hexadecimal("martlet callbacks of \(tenant)", secret)
    }

    /// What the header `Martlet-Signature` has: the unix time and the HMAC-SHA256 of "SECONDS.BODY".
    static func signature(of body: Data, at seconds: Int64, secret: String) -> String {
        "t=\(seconds),v1=\(hexadecimal(Data("\(seconds).".utf8) + body, secret))"
    }

    private static func hexadecimal(_ text: String, _ secret: String) -> String {
        hexadecimal(Data(text.utf8), secret)
    }

    private static func hexadecimal(_ data: Data, _ secret: String) -> String {
        SHA256Digest.hmac(of: data, key: SymmetricKey(data: Data(secret.utf8)))
    }
}
