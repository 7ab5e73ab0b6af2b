// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Curves

extension CurveID: ExpressibleByArgument {
    /// Any spelling of a curve's name.
    public init?(argument: String) { self.init(name: argument) }
}
