/// Which genre is a part of which, and their spellings: a table of our own making.
///
/// A genre that is not in it is a root by itself, under the name that most songs give it.
package enum GenreTree {
    struct Node {
        let name: String
        /// nil for a root.
        let parent: Int?
    }

    static let nodes: [Node] = parsed.nodes
    private static let numbers: [String: Int] = parsed.numbers

    /// The node of a genre's name or of another spelling of it.
    static func node(_ name: String) -> Int? { numbers[key(name)] }

    /// What makes two spellings one genre: case, hyphens, spaces and "and" do not matter, and known
    /// genres have further names.
    package static func identity(_ name: String) -> String {
        let key = key(name)
        return numbers[key].map { UnicodeText.identity(nodes[$0].name) } ?? key
    }

    /// The name to show; a genre that is not in the table keeps its own.
    package static func displayName(_ name: String) -> String {
        node(name).map { nodes[$0].name } ?? name
    }

    /// "Hip-Hop", "hip hop" and "HipHop" are `hiphop`; "Drum & Bass" and "Drum 'n' Bass" `drumbass`.
    private static func key(_ name: String) -> String {
        let folded = UnicodeText.identity(name)
        var words: [String] = []
        var word = ""
        for scalar in folded.unicodeScalars {
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark
            {
                word.unicodeScalars.append(scalar)
            } else if !word.isEmpty, scalar != "'", scalar != "\u{2019}" {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        let kept = words.filter { $0 != "and" && $0 != "n" }
        let key = (kept.isEmpty ? words : kept).joined()
        return key.isEmpty ? folded : key
    }

    /// Lines of a name and its other spellings, indented below what they are a part of.
    private static let parsed: (nodes: [Node], numbers: [String: Int]) = {
        var nodes: [Node] = []
        var numbers: [String: Int] = [:]
        var path: [Int] = []
        for line in table.split(separator: "\n") {
            let depth = line.prefix { $0 == " " }.count / 2
            let names = line.dropFirst(2 * depth).split(separator: "|").map(String.init)
            path.removeLast(path.count - depth)
            for name in names {
                let taken = numbers.updateValue(nodes.count, forKey: key(name))
                precondition(taken == nil || taken == nodes.count, "two genres are '\(name)'")
            }
            nodes.append(Node(name: names[0], parent: path.last))
            path.append(nodes.count - 1)
        }
        return (nodes, numbers)
    }()
}
