package import Storage

/// How a command ends; the numbers are those of sysexits.h where it has one.
package enum ExitCode: Int32, CaseIterable, Sendable {
    case ok = 0
    case failed = 1
    case usage = 64
    case badData = 65
    case inputMissing = 66
    case tryAgain = 75

    package var meaning: String {
        switch self {
        case .ok: "done, or nothing to do"
        case .failed: "failed; the message says why, and the last good result is still in place"
        case .usage: "the command line was wrong"
        case .badData: "the data is not what it should be, or no plan can satisfy the limits"
        case .inputMissing: "a file or folder that the command needs is not there"
        case .tryAgain: "another run holds the warehouse; try again later"
        }
    }

    package init(_ cause: FailureCause) {
        self =
            switch cause {
            case .inputMissing: .inputMissing
            case .badData: .badData
            case .busy: .tryAgain
            case .failed: .failed
            }
    }
}
