import Arguments
import Glibc
import Storage

// A reader that goes away (`spindle rejects | head`) ends the output, not the program.
signal(SIGPIPE, SIG_IGN)
exit(runSpindle(Array(CommandLine.arguments.dropFirst())).rawValue)
