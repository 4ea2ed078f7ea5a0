internal import Glibc

/// A regular file that is open for sending.
///
/// Closed when the last response that sends it is done.
package final class HTTPFile: Sendable {
    package let path: String
    package let sizeBytes: Int
    private let descriptor: Int32

    /// - Returns: nil, with errno(3) set, when it cannot be opened or is no regular file.
    package init?(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            errno = EISDIR
            return nil
        }
        self.path = path
        self.descriptor = descriptor
        sizeBytes = Int(info.st_size)
    }

    deinit { close(descriptor) }

    /// A second descriptor for the same open file, for an owner that closes it.
    ///
    /// sendfile(2) is given its offset each time, so that the shared position does not matter.
    func duplicate() -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

    /// Maps the file for reading; nil when the system will not.
    func map() -> UnsafeMutableRawPointer? {
        guard sizeBytes > 0 else { return nil }
        let address = mmap(nil, sizeBytes, PROT_READ, MAP_SHARED, descriptor, 0)
        return address == MAP_FAILED ? nil : address
    }
}
