/// What one helper process may use.
package struct WorkerLimits: Sendable {
    /// Writable memory of a process (RLIMIT_DATA), its heap and its stacks' maps alike.
    package var memoryBytes: Int
    /// CPU time for one request, to the second.
    package var cpuSeconds: Int
    /// Time for one request on the clock, from when its worker turns to it. Generous: a machine may
    /// be busy with other things.
    package var wallClockMs: Int

    package init(memoryBytes: Int, cpuSeconds: Int, wallClockMs: Int) {
        self.memoryBytes = memoryBytes
        self.cpuSeconds = cpuSeconds
        self.wallClockMs = wallClockMs
    }
}
