// SPDX-License-Identifier: Apache-2.0

import Foundations

/// An open file or directory of a spool.
typealias Descriptor = FileDescriptor<SpoolError>

extension SpoolError: FileFailure {}
