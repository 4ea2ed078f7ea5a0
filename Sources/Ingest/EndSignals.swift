internal import CLinux
internal import Glibc
package import Storage

/// SIGTERM and SIGINT, taken as a wish to end instead of an end.
package struct EndSignals: Sendable {
    /// Readable once one has come.
    package let descriptor: Int32

    /// Blocks them in the calling thread, which should be the only one.
    ///
    /// - Throws: `FileError` when there is no descriptor left.
    package init() throws(FileError) {
        descriptor = spindle_end_signals()
        guard descriptor >= 0 else { throw FileError("open", "signalfd") }
    }

    package var haveCome: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) > 0
    }
}
