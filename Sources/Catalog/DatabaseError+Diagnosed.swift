package import SQLite
package import Storage

extension DatabaseError: Diagnosed {
    package var message: String { description }

    package var hint: String? {
        // SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log.
        if isDiskFull || code == 4874 {
            return "free some space on this file system, then run the same command again; nothing is half-written"
        }
        if isCorruption {
            return "the file is damaged: restore it from a backup, or remove it and run the stage again"
        }
        // SQLITE_CANTOPEN, SQLITE_PERM and SQLITE_READONLY of <https://sqlite.org/rescode.html>.
        if [14, 3, 8].contains(code & 0xff) {
            return "check that it is a file, and owner and mode of the file and its folder"
        }
        return nil
    }

    package var cause: FailureCause { isCorruption ? .badData : .failed }
}
