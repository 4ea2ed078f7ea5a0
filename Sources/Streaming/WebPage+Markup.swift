extension WebPage { static let markup = "<style>/*STYLE*/</style><script>/*SCRIPT*/</script>"
static let style = ""
static let script = "" }
