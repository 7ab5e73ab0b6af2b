// SPDX-License-Identifier: Apache-2.0

import Failures
import Outcomes
import ProofAggregation
import TrustedSetup

/// Runs `body`; where it finds fault with a file that it knows no name of, the name goes in front.
func naming<R>(_ file: String, _ body: () throws -> R) throws -> R {
    do {
        return try body()
    } catch let error as SetupError {
        throw JobFailure(error, about: file)
    } catch let error as AggregationError {
        throw JobFailure(error, about: file)
    }
}
