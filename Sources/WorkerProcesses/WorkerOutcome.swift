/// What became of one request.
package enum WorkerOutcome: Sendable, Equatable {
    case reply([UInt8])
    /// The process died of this signal while it worked on the request.
    case crashed(signal: Int32)
    /// The process ended by itself, which a library's `exit` may bring about.
    case exited(code: Int32)
    /// More time than `WorkerLimits` allows, on the clock or of CPU.
    case timedOut
    /// It needed more memory than `WorkerLimits` allows.
    case overMemory
    /// The reply was longer than a message may be.
    case replyTooLong
}
