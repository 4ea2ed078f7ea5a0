internal import CArchive
internal import Glibc
internal import Storage

/// A tar archive (ustar, pax, GNU), plain or compressed, read once from its beginning to its end.
///
/// Only libarchive's tar reader and four filters are enabled: everything else in it stays out of
/// the reach of strangers' bytes. The names of members keep their bytes because the process is in
/// the C locale, as programs are that never call setlocale(3): in a UTF-8 locale libarchive would
/// compose the letters of pax names, and two files could become one.
package final class TarStream {
    struct Member {
        enum Kind { case file, directory, hardLink, other }

        /// As the archive has it, without a `./` before it.
        let path: [UInt8]
        let kind: Kind
        let sizeBytes: Int
        let modifiedNs: Int
    }

    /// For messages.
    let name: String
    private let archive: OpaquePointer
    private let source: Source
    private var isPlain = false

    /// - Parameters:
    ///   - descriptor: Stays open; its owner closes it when the stream has been read.
    ///   - name: For messages.
    /// - Throws: `LibraryError` when libarchive cannot be loaded.
    package init(descriptor: Int32, name: String) throws(LibraryError) {
        if let reason = spindle_archive_load() {
            throw LibraryError("libarchive", String(cString: reason), package: "libarchive13")
        }
        self.name = name
        source = Source(descriptor, name)
        guard let archive = spindle_archive_read_new() else { fatalError("no memory") }
        self.archive = archive
        _ = spindle_archive_read_support_format_tar(archive)
        // What stands behind an end mark, because archives were joined, is no less a file.
        _ = spindle_archive_read_set_options(archive, "tar:read_concatenated_archives")
        _ = spindle_archive_read_support_filter_gzip(archive)
        _ = spindle_archive_read_support_filter_zstd(archive)
        _ = spindle_archive_read_support_filter_xz(archive)
        _ = spindle_archive_read_support_filter_bzip2(archive)
    }

    deinit { _ = spindle_archive_read_free(archive) }

    /// - Throws: `FormatError` for what is no tar archive; `FileError` when it cannot be read.
    func open() throws {
        let context = Unmanaged.passUnretained(source).toOpaque()
        guard spindle_archive_read_open(archive, context, nil, readTarSource, nil) == ARCHIVE_OK
        else {
            throw failure(
                source.isEmpty ? "is empty" : "is no tar archive, or is cut",
                hint: "it may be compressed by gzip, zstd, xz or bzip2; other formats are not read")
        }
    }

    /// - Returns: nil at the end.
    /// - Throws: `FormatError` when the archive is cut or damaged; `FileError` when it cannot be read.
    func next() throws -> Member? {
        var entry: OpaquePointer?
        let code = spindle_archive_read_next_header(archive, &entry)
        if code == ARCHIVE_EOF {
            try finish()
            return nil
        }
        // A warning is about a name or an attribute that cannot be converted, and was not.
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else {
            throw failure("is cut or damaged")
        }
        isPlain = spindle_archive_filter_count(archive) == 1
        let path = spindle_archive_entry_pathname(entry).map { Self.path($0) } ?? []
        let sizeBytes = Int(spindle_archive_entry_size(entry))
        let kind: Member.Kind =
            switch spindle_archive_entry_filetype(entry) {
            // Archives of other programs keep the content with each link.
            case _ where spindle_archive_entry_hardlink(entry) != nil && sizeBytes == 0: .hardLink
            case S_IFREG where !path.isEmpty: .file
            case S_IFDIR: .directory
            default: .other
            }
        let seconds = Int(spindle_archive_entry_mtime(entry)).multipliedReportingOverflow(
            by: 1_000_000_000)
        return Member(
            path: path, kind: kind, sizeBytes: sizeBytes,
            modifiedNs: seconds.overflow
                ? 0 : seconds.partialValue &+ Int(spindle_archive_entry_mtime_nsec(entry)))
    }

    /// Writes the content of the last member; its holes stay holes.
    ///
    /// - Throws: `FormatError` when the archive is cut or damaged; `FileError` when it cannot be read, or the file not written.
    func write(_ member: Member, to sink: borrowing FileDescriptor) throws {
        var end = 0
        while true {
            var block: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let code = spindle_archive_read_data_block(archive, &block, &count, &offset)
            if code == ARCHIVE_EOF { break }
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN else {
                throw failure("is cut or damaged")
            }
            guard offset >= end, Int(offset) <= member.sizeBytes - count else {
                throw FormatError(name, "a member has more than its size says")
            }
            if offset > end { try sink.skip(Int(offset) - end) }
            try sink.write(UnsafeRawBufferPointer(start: block, count: count))
            end = Int(offset) + count
        }
        if end < member.sizeBytes { try sink.truncate(to: member.sizeBytes) }
    }

    /// Reads what follows the end mark, so that a program that still writes is not cut off.
    ///
    /// libarchive takes an archive without the mark for whole, as it takes one that was cut between
    /// two members. Compressed streams have an end of their own.
    private func finish() throws {
        if isPlain, source.isAtEnd, !source.endsInZeros {
            throw FormatError(name, "is cut: it has no end mark")
        }
        while source.read() > 0 {}
        if let error = source.error { throw error }
    }

    private func failure(_ what: String, hint: String? = nil) -> any Error {
        if let error = source.error { return error }
        let detail = spindle_archive_error_string(archive).map { ": " + String(cString: $0) } ?? ""
        return FormatError(name, source.isEmpty ? what : what + detail, hint: hint)
    }

    private static func path(_ name: UnsafePointer<CChar>) -> [UInt8] {
        var path = UnsafeRawBufferPointer(start: name, count: strlen(name))[...]
        while path.starts(with: [46, 47]) {
            path = path.dropFirst(2)
            while path.first == 47 { path = path.dropFirst() }
        }
        return Array(path)
    }
}

/// What libarchive reads from.
private final class Source {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    private(set) var error: FileError?
    private(set) var isAtEnd = false
    private(set) var isEmpty = true
    private let descriptor: Int32
    private let name: String
    /// How many zeros came last.
    private var zeros = 0

    init(_ descriptor: Int32, _ name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    deinit { buffer.deallocate() }

    /// A tar archive ends in two blocks of zeros; some programs write one.
    var endsInZeros: Bool { zeros >= 512 }

    /// - Returns: 0 at the end, -1 for an error.
    func read() -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress!, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { error = FileError("read", name) }
            if count == 0 { isAtEnd = true }
            if count > 0 {
                isEmpty = false
                let trailing = buffer[..<count].reversed().prefix(512).prefix { $0 == 0 }.count
                zeros = trailing == count ? zeros + count : trailing
            }
            return count
        }
    }
}

private func readTarSource(
    _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
    _ bytes: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    let source = Unmanaged<Source>.fromOpaque(context!).takeUnretainedValue()
    let count = source.read()
    bytes?.pointee = UnsafeRawPointer(source.buffer.baseAddress!)
    return count
}
