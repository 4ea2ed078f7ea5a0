extension WebPage {
    static let markup = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Spindle</title>
        <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Ccircle cx='16' cy='16' r='15' fill='%23c2410c'/%3E%3Ccircle cx='16' cy='16' r='5' fill='%23fff7ed'/%3E%3Ccircle cx='16' cy='16' r='1.6' fill='%23c2410c'/%3E%3C/svg%3E">
        <style>/*STYLE*/</style>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the music</a>
        <header>
          <a class="brand" href="#/" aria-label="Spindle, start"><svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="15"/><circle class="groove" cx="16" cy="16" r="11"/><circle class="groove" cx="16" cy="16" r="8"/><circle class="hub" cx="16" cy="16" r="4.5"/></svg><span>Spindle</span></a>
          <form id="search" role="search">
            <label class="hidden" for="query">Search songs, artists and albums</label>
            <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/></svg>
            <input id="query" type="search" placeholder="Songs, artists, albums" autocomplete="off" spellcheck="false" maxlength="200">
          </form>
          <label class="region"><span>Region</span><select id="region"></select></label>
        </header>
        <nav aria-label="Browse"><a href="#/">Charts</a><a href="#/albums">Albums</a><a href="#/releases">New</a><a href="#/artists">Artists</a><a href="#/genres">Genres</a><a href="/report" class="external">Report</a></nav>
        <main id="main" tabindex="-1"></main>
        <p id="status" class="hidden" role="status"></p>
        <section id="player" aria-label="Player" hidden>
          <div class="now"><div class="cover" id="now-cover"></div><div class="names"><strong id="now-title"></strong><span id="now-artist"></span></div></div>
          <div class="transport">
            <div class="buttons">
              <button id="previous" type="button" aria-label="Previous song"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 5v14M19 5 9 12l10 7z"/></svg></button>
              <button id="toggle" type="button" class="main" aria-label="Play"><svg viewBox="0 0 24 24" aria-hidden="true"><path id="toggle-shape" d="M8 5v14l11-7z"/></svg></button>
              <button id="next" type="button" aria-label="Next song"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M18 5v14M5 5l10 7-10 7z"/></svg></button>
            </div>
            <div class="seek"><span id="elapsed">0:00</span><input id="seek" type="range" min="0" max="1000" value="0" aria-label="Position in the song"><span id="total">0:00</span></div>
          </div>
          <label class="volume"><span class="hidden">Volume</span><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9v6h4l5 4V5L8 9zM16.5 8.5a5 5 0 0 1 0 7M19 6a8.5 8.5 0 0 1 0 12"/></svg><input id="volume" type="range" min="0" max="100" value="100"></label>
          <audio id="audio" preload="auto" crossorigin="anonymous"></audio>
        </section>
        <script>/*SCRIPT*/</script>
        </body>
        </html>

        """
}
