// SPDX-License-Identifier: Apache-2.0

extension DeviceQueue {
    /// Compiles a program past Martlet's cache. The driver may have a cache of its own.
    ///
    /// - Parameter options: more options for the compiler, such as "-cl-nv-verbose".
    /// - Throws: `.build` with the beginning of the log.
    package func buildReport(
        of description: ProgramDescription, options more: String = ""
    ) throws(OpenCLError) -> BuildReport {
        try ProgramBuilder(
            context: context, cache: nil, timeLimit: options.buildTimeLimit, moreOptions: more
        ).report(description)
    }
}
