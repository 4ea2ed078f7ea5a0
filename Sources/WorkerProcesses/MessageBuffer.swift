internal import Glibc

/// Bytes on their way through a socket: messages, each after its length (32 bits, little-endian).
/// The length's highest bit is set where the answer to a request has to come at once.
struct MessageBuffer: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private var start = 0
    private var end = 0

    /// Longer messages are refused by both sides.
    static let maximumMessageBytes = 1 << 28
    private static let urgentBit: UInt32 = 1 << 31

    deinit { storage.deallocate() }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }

    mutating func append(message: UnsafeRawBufferPointer, isUrgent: Bool = false) {
        reserve(4 + message.count)
        let length = UInt32(message.count) | (isUrgent ? Self.urgentBit : 0)
        storage.storeBytes(of: length.littleEndian, toByteOffset: end, as: UInt32.self)
        if let bytes = message.baseAddress {
            memcpy(storage.baseAddress! + end + 4, bytes, message.count)
        }
        end += 4 + message.count
    }

    enum Next {
        case message(UnsafeRawBufferPointer, isUrgent: Bool)
        case incomplete
        case tooLong
    }

    /// Takes the next message out; its bytes stay valid until the buffer is filled again.
    mutating func next() -> Next {
        guard end - start >= 4 else { return .incomplete }
        let length = UInt32(
            littleEndian: storage.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        let count = Int(length & ~Self.urgentBit)
        guard count <= Self.maximumMessageBytes else { return .tooLong }
        guard end - start >= 4 + count else {
            if storage.count - start < 4 + count { reserve(4 + count - (end - start)) }
            return .incomplete
        }
        let message = UnsafeRawBufferPointer(rebasing: storage[start + 4..<start + 4 + count])
        start += 4 + count
        return .message(message, isUrgent: length & Self.urgentBit != 0)
    }

    /// Sends what there is, as far as the socket takes it.
    ///
    /// - Returns: false when the other side is gone.
    mutating func send(to socket: Int32, flags: Int32) -> Bool {
        while start < end {
            let count = Glibc.send(
                socket, storage.baseAddress! + start, end - start,
                flags | Int32(MSG_NOSIGNAL))
            if count > 0 {
                start += count
            } else if errno == EAGAIN {
                return true
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Takes in what the socket holds, at most a buffer full.
    ///
    /// - Returns: false when the other side is gone.
    mutating func receive(from socket: Int32, flags: Int32) -> Bool {
        if end == storage.count || start == end { reserve(1) }
        while true {
            let count = recv(socket, storage.baseAddress! + end, storage.count - end, flags)
            if count > 0 {
                end += count
                return true
            }
            if count == 0 { return false }
            if errno == EAGAIN { return true }
            if errno != EINTR { return false }
        }
    }

    /// Makes room for so many bytes behind `end`.
    private mutating func reserve(_ count: Int) {
        if start == end { (start, end) = (0, 0) }
        guard storage.count - end < count else { return }
        let held = end - start
        if held + count <= storage.count / 2 {
            memmove(storage.baseAddress!, storage.baseAddress! + start, held)
        } else {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(storage.count * 2, held + count), alignment: 16)
            memcpy(larger.baseAddress!, storage.baseAddress! + start, held)
            storage.deallocate()
            storage = larger
        }
        (start, end) = (0, held)
    }
}
