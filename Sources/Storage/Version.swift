/// The version of Spindle, of both programs; results of another version are made again.
package let spindleVersion = "0.1.0"
