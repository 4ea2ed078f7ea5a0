/// An error that can tell an operator what happened, where, and what to do next.
package protocol Diagnosed: Error {
    /// What and where, one line.
    var message: String { get }
    /// What to do about it, where that can be said.
    var hint: String? { get }
    var cause: FailureCause { get }
}

/// What kind of failure it was, which decides a command's exit code.
package enum FailureCause: Sendable {
    /// Something the command needs is not there.
    case inputMissing
    /// The data is not what it should be.
    case badData
    /// Another run holds the warehouse; the same command may work later.
    case busy
    case failed
}

extension FileError: Diagnosed {
    package var message: String { description }
    package var cause: FailureCause { isMissing ? .inputMissing : .failed }
}

extension FormatError: Diagnosed {
    package var message: String { description }
    package var cause: FailureCause { .badData }
}

extension CompressionError: Diagnosed {
    package var message: String { description }
    package var hint: String? { "the file is damaged or still being written: fetch it again" }
    package var cause: FailureCause { .badData }
}

extension RunLock.Held: Diagnosed {
    package var message: String { description }
    package var hint: String? { "wait until it has finished, then run this command again" }
    package var cause: FailureCause { .busy }
}
