internal import CLinux
internal import Glibc
internal import TagReading
package import WorkerProcesses

/// What a worker process of the ingest does: it answers each `IntakeRequest` with an `IntakeReply`.
package enum IntakeService {
    package static let kind = WorkerService.Kind(name) { makeHandler() }

    package static let name = "ingest"

    /// CPU time for one file, besides what its size needs.
    package static let limits = WorkerLimits(
        memoryBytes: 512 << 20, cpuSeconds: 20,
        // What reads without end is caught by its CPU time; this is for disks that hang.
        wallClockMs: 15 * 60_000)

    /// A reader for the process that calls it.
    package static func makeHandler() -> WorkerService.Handler {
        spindle_keep_large_allocations()
        let tagFile = TagFile()
        let covers = StoredCovers()
        let buffer = CopyBuffer()
        return { request in
            guard let request = try? IntakeRequest(request) else {
                preconditionFailure("a request that the parent did not write")
            }
            return FileIntake(request, tagFile, covers, buffer).reply().bytes
        }
    }
}

/// Hashing and copying take time in proportion to the size, and are no sign of an endless loop: the
/// limit on this process's CPU time moves up with it. 20 MB a second is slower than any machine.
func allowTime(for sizeBytes: Int) {
    let resource = __rlimit_resource_t(RLIMIT_CPU.rawValue)
    var limit = rlimit()
    guard sizeBytes > 64 << 20, getrlimit(resource, &limit) == 0, limit.rlim_cur != rlim_t.max
    else { return }
    limit.rlim_cur = min(limit.rlim_cur + rlim_t(sizeBytes / 20_000_000), limit.rlim_max)
    setrlimit(resource, &limit)
}
