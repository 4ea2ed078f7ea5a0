package import Storage

/// Somebody wants the wait for an outcome to end.
package struct WorkerInterrupted: Error {}

/// Helper processes that cannot be had at all.
package struct WorkerError: Diagnosed {
    package let message: String
    package let hint: String?
    package var cause: FailureCause { .failed }

    init(_ message: String, hint: String?) {
        self.message = message
        self.hint = hint
    }
}
