package import Storage

/// A source went away while it was read, as a disk does that is unmounted or pulled out.
package struct SourceDroppedOut: Diagnosed, CustomStringConvertible {
    package let source: String
    /// Files and folders that were listed and then not there.
    package let vanished: Int
    /// Whether the folder itself has gone or is another one now.
    package let isReplaced: Bool

    package var cause: FailureCause { .inputMissing }
    package var message: String {
        let what =
            isReplaced
            ? "the folder was unmounted, moved or replaced while it was read"
            : "\(vanished) files and folders vanished while it was read"
        return "\(source): \(what); what was read is kept, and none was marked gone"
    }
    package var description: String { message }
    package var hint: String? {
        "check that the disk is mounted and sound, then run the same command again"
    }
}
