import Arguments
import Glibc
import Storage

// A reader that goes away (`spindle rejects | head`) ends the output, not the program.
signal(SIGPIPE, SIG_IGN)
// A limit on file sizes (ulimit -f) is then an error like a full disk, and is told as one.
signal(SIGXFSZ, SIG_IGN)
exit(runSpindle(Array(CommandLine.arguments.dropFirst())).rawValue)
