import HTTPServer
import Testing

@Suite struct `Request targets` {
    @Test(arguments: [
        ("/", []),
        ("/v1/songs", ["v1", "songs"]),
        ("/v1/songs/", ["v1", "songs", ""]),
        ("//v1", ["", "v1"]),
        ("/a%2Fb/c", ["a/b", "c"]),
        ("/%E6%9C%88", ["月"]),
        ("/a+b", ["a+b"]),
        ("/../etc/passwd", ["..", "etc", "passwd"]),
    ])
    func `a path is split before it is decoded`(target: String, path: [String]) {
        #expect(HTTPRequest(method: "GET", target: target)?.path == path)
    }

    @Test(arguments: [
        "", "v1", "http://host/", "*", "/%", "/%2", "/%zz", "/%00", "/a%0d%0aSet-Cookie:x", "/%ff",
        "/%7f", "/?q=%00", "/?q=%c3", "/?%0a=1",
    ])
    func `a malformed target is refused`(target: String) {
        #expect(HTTPRequest(method: "GET", target: target) == nil)
    }

    @Test func `a query is decoded as forms write it`() throws {
        let request = try #require(
            HTTPRequest(method: "GET", target: "/s?q=a+b%2Bc&limit=&x&q=second&e=1=2"))
        #expect(request.query("q") == "a b+c")
        #expect(request.query("limit") == "")
        #expect(request.query("x") == "")
        #expect(request.query("e") == "1=2")
        #expect(request.query("missing") == nil)
    }

    @Test func `lines of one field are one list, whatever their case`() throws {
        let request = try #require(
            HTTPRequest(
                method: "GET", target: "/",
                headers: [
                    HTTPHeader("If-None-Match", "\"a\""), HTTPHeader("Host", "h"),
                    HTTPHeader("if-none-match", "\"b\""),
                ]))
        #expect(request.header("IF-NONE-MATCH") == "\"a\", \"b\"")
        #expect(request.header("If[None-Match") == nil)
    }
}
