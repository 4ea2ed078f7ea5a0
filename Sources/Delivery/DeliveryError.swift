package import Storage

/// Why a delivery plan could not be made: what, where, and what to do about it.
package struct DeliveryError: Error, Equatable, Sendable {
    package enum Code: String, Sendable {
        /// The topology does not say what it must, or says something that cannot be.
        case badTopology
        /// No placement satisfies the topology.
        case impossiblePlacement
        /// A manifest, the demand or the catalogue is not in the format that it should be in.
        case badInput
        /// A plan that was written does not keep its promises: a defect of Spindle.
        case faultyPlan
    }

    package var code: Code
    /// A file, with a JSON path or a line where there is one; empty when no file is to blame.
    package var place: String
    package var detail: String
    package var hint: String?

    package init(_ code: Code, at place: String, _ detail: String, hint: String? = nil) {
        self.code = code
        self.place = place
        self.detail = detail
        self.hint = hint
    }
}

extension DeliveryError: Diagnosed {
    /// `topology.json: $.links[3].to: unknown region 'mars'`
    package var message: String { place.isEmpty ? detail : "\(place): \(detail)" }

    /// Nearly all of these are about what files say; a missing file is a `FileError`.
    package var cause: FailureCause { code == .faultyPlan ? .failed : .badData }
}

extension DeliveryError: CustomStringConvertible {
    package var description: String { hint.map { "\(message)\nhint: \($0)" } ?? message }
}
