internal import Foundation

/// The folder that these sources are in.
package enum Repository {
    package static let path = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)
        .droppingLastSlash

    package static let sample = path + "/sample-data"
    package static let nightly = path + "/pipelines/nightly.json5"
}

extension String {
    fileprivate var droppingLastSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
