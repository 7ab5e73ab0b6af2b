import ArgumentParser
import Curves

extension CurveID: ExpressibleByArgument {
    /// Any spelling of a curve's name.
    public init?(argument: String) { self.init(name: argument) }
}
