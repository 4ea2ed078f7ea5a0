package import Storage

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
