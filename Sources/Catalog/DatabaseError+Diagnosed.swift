package import SQLite
package import Storage

extension DatabaseError: Diagnosed {
    package var message: String { description }

    package var hint: String? {
        if isDiskFull {
            return "free some space on this file system, then run the same command again; nothing is half-written"
        }
        if isCorruption {
            return "the file is damaged: restore it from a backup, or remove it and run the stage again"
        }
        return nil
    }

    package var cause: FailureCause { isCorruption ? .badData : .failed }
}
