package import Storage

/// A library that is loaded when it is needed, and is not there.
package struct LibraryError: Diagnosed {
    package let message: String
    package let hint: String?
    package var cause: FailureCause { .failed }

    /// - Parameter package: Debian's, that has it.
    init(_ library: String, _ reason: String, package: String) {
        message = "cannot load \(library): \(reason)"
        hint = "install it: apt-get install \(package)"
    }
}
