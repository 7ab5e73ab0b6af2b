import FuzzSupport

/// Fuzz targets of the readers that stand on cryptography: jobs of a spool and aggregates.
@main enum ServiceTargets {
    static func main() throws { try FuzzDriver.main(JobTargets.all + AggregateTargets.all) }
}
