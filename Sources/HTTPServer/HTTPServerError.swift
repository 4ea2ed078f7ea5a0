internal import Glibc

/// Why a server could not start.
package struct HTTPServerError: Error, CustomStringConvertible {
    package let operation: String
    /// The address that was asked for.
    package let address: String
    package let cause: String
    package let hint: String?
    /// The address is none; not the machine's fault but the caller's.
    package let isMalformedAddress: Bool

    init(
        _ operation: String, _ address: String, cause: String, hint: String? = nil,
        isMalformedAddress: Bool = false
    ) {
        self.isMalformedAddress = isMalformedAddress
        self.operation = operation
        self.address = address
        self.cause = cause
        self.hint = hint
    }

    init(_ operation: String, _ address: String, code: Int32) {
        let hint: String? =
            switch code {
            case EADDRINUSE: "another process listens there: stop it, or choose another port"
            case EACCES: "ports below 1024 are for root: choose a higher one"
            case EADDRNOTAVAIL: "this machine has no such address"
            default: nil
            }
        self.init(operation, address, cause: String(cString: strerror(code)), hint: hint)
    }

    package var description: String { "\(address): cannot \(operation): \(cause)" }
}
