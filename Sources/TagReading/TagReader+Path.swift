package import Storage

extension TagReader {
    /// Reads the tags of one file, with the bytes of its pictures.
    ///
    /// - Parameter path: The bytes of the path, without a NUL.
    /// - Throws: `FileError`.
    package static func read(_ path: [UInt8], options: Options = Options()) throws(FileError)
        -> Result
    {
        let descriptor = try FileDescriptor(pathBytes: path)
        return try read(descriptor, sizeBytes: descriptor.status().sizeBytes, options: options)
    }

    /// - Throws: `FileError`.
    package static func read(
        _ descriptor: borrowing FileDescriptor, sizeBytes: Int, options: Options = Options()
    ) throws(FileError) -> Result {
        let file = TagFile()
        var result = try file.read(descriptor, sizeBytes: sizeBytes, options: options)
        for index in result.pictures.indices {
            let bytes = result.pictures[index].withBytes(head: file.head, tail: file.tail) {
                Array($0)
            }
            result.pictures[index].data = .bytes(bytes)
        }
        return result
    }
}
