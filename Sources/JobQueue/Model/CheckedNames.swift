// SPDX-License-Identifier: Apache-2.0

extension JobID {
    /// Takes an identifier given by somebody else.
    ///
    /// - Throws: `SpoolError.invalidJobID` when `text` is empty, too long or has another character in it.
    public init(_ text: String) throws(SpoolError) {
        guard JobID.isValid(text) else { throw .invalidJobID(text) }
        self.init(unchecked: text)
    }
}
