extension WebPage {
    /// Texts from the catalogue reach the document as text nodes and attributes only.
    static let script = #"""
        "use strict";
        const $ = id => document.getElementById(id);
        const main = $("main"), audio = $("audio");
        const state = { region: "", regions: [], queue: [], index: -1, token: 0, played: null };
        const user = localStorage.getItem("spindle-user") || crypto.getRandomValues(new Uint32Array(4)).reduce((text, word) => text + word.toString(16).padStart(8, "0"), "web-");
        localStorage.setItem("spindle-user", user);

        // An element; children that are strings become text.
        function make(name, properties, ...children) {
          const element = document.createElement(name);
          for (const [key, value] of Object.entries(properties || {})) {
            if (value === null || value === undefined || value === false) continue;
            if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
            else element.setAttribute(key, value === true ? "" : value);
          }
          element.append(...children.filter(child => child !== null && child !== undefined));
          return element;
        }
        async function get(path) {
          const response = await fetch(path);
          if (!response.ok) {
            const body = await response.json().catch(() => null);
            throw new Error(body?.error?.message || "The server answered " + response.status);
          }
          return response.json();
        }
        const time = ms => { const s = Math.max(0, Math.round(ms / 1000)); return Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0"); };
        const count = (number, one, many) => number.toLocaleString("en") + " " + (number === 1 ? one : many);
        const hue = text => { let h = 0; for (const c of text) h = (h * 31 + c.codePointAt(0)) % 6007; return "h" + h % 6; };
        const regionName = id => id.split(/[-_]/).map(part => part.length < 3 ? part.toUpperCase() : part[0].toUpperCase() + part.slice(1)).join(" ");

        // The letter shows where there is no picture, and while one is loading.
        function cover(url, text) {
          const box = make("div", { class: "cover " + hue(text), "aria-hidden": "true" }, [...text.trim()][0] || "♪");
          if (url) {
            const image = make("img", { src: url, alt: "", loading: "lazy", decoding: "async" });
            image.addEventListener("load", () => box.replaceChildren(image));
            image.addEventListener("error", () => {});
            image.loading = "eager";
          }
          return box;
        }
        function songList(songs, options = {}) {
          const list = make("ol", { class: "songs" });
          songs.forEach((song, index) => {
            const entry = options.entries?.[index];
            const by = make("span", { class: "by" }, make("bdi", {}, song.artist));
            if (song.album && !options.inAlbum) by.append(" · ", make("a", { href: "#/album/" + song.album_id }, make("bdi", {}, song.album)));
            list.append(make("li", { "data-song": song.song_id },
              options.number === false ? null : make("span", { class: "number" }, String(entry?.position ?? song.track ?? index + 1)),
              entry ? move(entry) : null,
              cover(song.cover_url, song.title),
              make("div", { class: "names" },
                make("button", { class: "play", type: "button", "aria-label": "Play " + song.title + " by " + song.artist, onclick: () => play(songs, index) }, song.title), by),
              entry ? make("span", { class: "count" }, count(entry.streams, "stream", "streams")) : null,
              make("button", { class: "add", type: "button", title: "Play next", "aria-label": "Play " + song.title + " next", onclick: () => playNext(song) }, "+"),
              make("span", { class: "time" }, time(song.duration_ms))));
          });
          mark(list);
          return list;
        }
        function move(entry) {
          const before = entry.previous_position;
          if (before === null) return make("span", { class: "move new" }, "new");
          const by = before - entry.position;
          if (by === 0) return make("span", { class: "move", "aria-label": "unchanged" }, "–");
          return make("span", { class: "move " + (by > 0 ? "up" : "down"), "aria-label": (by > 0 ? "up " : "down ") + Math.abs(by) }, (by > 0 ? "▲" : "▼") + Math.abs(by));
        }
        function mark(root = document) {
          const id = state.queue[state.index]?.song_id;
          for (const row of root.querySelectorAll("li[data-song]")) row.classList.toggle("playing", row.dataset.song === id);
        }
        const grid = (items, round) => make("ul", { class: "grid" }, ...items.map(item =>
          make("li", { class: round ? "round" : "" }, make("a", { href: item.href }, cover(item.cover, item.title), make("strong", {}, item.title), make("span", {}, item.detail)))));
        const albumTile = album => ({ href: "#/album/" + album.album_id, cover: album.cover_url, title: album.title, detail: [album.artist || "Various artists", (album.release_date || "").slice(0, 4)].filter(Boolean).join(" · ") });
        const artistTile = artist => ({ href: "#/artist/" + artist.artist_id, title: artist.name, detail: count(artist.song_count, "song", "songs") });
        const playAll = songs => songs.length ? make("button", { class: "action", type: "button", onclick: () => play(songs, 0) }, "Play") : null;

        // Pages of the address's fragment.
        const views = {
          async ""() {
            const { charts } = await get("/v1/charts");
            const region = charts.some(chart => chart.chart === "region" && chart.key === state.region) ? state.region : "";
            const overall = charts.some(chart => chart.chart === "overall");
            if (!region && !overall) return [make("p", { class: "empty" }, "No chart yet: nobody has played anything.")];
            const chart = await get(region ? "/v1/charts/region/" + encodeURIComponent(region) : "/v1/charts/overall/*");
            const songs = chart.entries.map(entry => entry.song);
            const genres = charts.filter(chart => chart.chart === "genre");
            return [make("h1", {}, region ? "Most played in " + regionName(region) : "Most played everywhere"),
              make("p", { class: "lead" }, "The week up to last night, " + count(chart.entries.length, "song", "songs") + "."), playAll(songs),
              genres.length ? make("h2", { class: "hidden" }, "Charts by genre") : null,
              genres.length ? make("ul", { class: "chips", "aria-label": "Charts by genre" }, ...genres.map(genre => make("li", {}, make("a", { href: "#/chart/genre/" + encodeURIComponent(genre.key) }, genre.key)))) : null,
              songList(songs, { entries: chart.entries })];
          },
          async chart(kind, key) {
            const chart = await get("/v1/charts/" + encodeURIComponent(kind) + "/" + encodeURIComponent(key));
            const songs = chart.entries.map(entry => entry.song);
            return [make("h1", {}, key), make("p", { class: "lead" }, "Most played of this genre."), playAll(songs), songList(songs, { entries: chart.entries })];
          },
          async albums() { return [make("h1", {}, "Albums"), make("p", { class: "lead" }, "Most popular first."), ...await pages("/v1/albums?", "albums", items => grid(items.map(albumTile)))]; },
          async artists() { return [make("h1", {}, "Artists"), make("p", { class: "lead" }, "Most popular first."), ...await pages("/v1/artists?", "artists", items => grid(items.map(artistTile), true))]; },
          async genres() {
            const { genres } = await get("/v1/genres");
            return [make("h1", {}, "Genres"), make("p", { class: "lead" }, "By number of songs."), grid(genres.map(genre => ({ href: "#/genre/" + genre.genre_id, title: genre.name, detail: count(genre.song_count, "song", "songs") })))];
          },
          async genre(id) {
            const genre = await get("/v1/genres/" + id + "?limit=1");
            return [make("h1", {}, genre.name), make("p", { class: "lead" }, count(genre.song_count, "song", "songs") + ", most popular first."), ...await pages("/v1/genres/" + id + "?", "songs", songs => songList(songs, { number: false }))];
          },
          async album(id) {
            const album = await get("/v1/albums/" + id);
            const total = album.songs.reduce((sum, song) => sum + song.duration_ms, 0);
            return [make("div", { class: "head" }, cover(album.cover_url, album.title), make("div", {}, make("h1", {}, album.title),
              make("p", { class: "lead" }, [album.artist || "Various artists", album.release_date, count(album.songs.length, "song", "songs"), time(total)].filter(Boolean).join(" · ")), playAll(album.songs))),
              songList(album.songs, { inAlbum: true })];
          },
          async artist(id) {
            const artist = await get("/v1/artists/" + id + "?limit=200");
            return [make("h1", {}, artist.name), make("p", { class: "lead" }, count(artist.song_count, "song", "songs")), playAll(artist.songs),
              songList(artist.songs, { number: false }), artist.albums.length ? make("h2", {}, "Albums") : null, artist.albums.length ? grid(artist.albums.map(albumTile)) : null];
          },
          async search(text) {
            if (!text) return views[""]();
            const found = await get("/v1/search?limit=30&q=" + encodeURIComponent(text));
            const nothing = !found.songs.length && !found.albums.length && !found.artists.length;
            $("status").textContent = nothing ? "Nothing found" : count(found.songs.length, "song", "songs") + " found";
            if (nothing) return [make("p", { class: "empty" }, "Nothing found for “" + text + "”.")];
            return [make("h1", {}, "Results for “" + text + "”"),
              found.songs.length ? make("h2", {}, "Songs") : null, found.songs.length ? songList(found.songs, { number: false }) : null,
              found.artists.length ? make("h2", {}, "Artists") : null, found.artists.length ? grid(found.artists.slice(0, 12).map(artistTile), true) : null,
              found.albums.length ? make("h2", {}, "Albums") : null, found.albums.length ? grid(found.albums.slice(0, 12).map(albumTile)) : null];
          }
        };
        async function pages(path, field, show) {
          const size = 60, box = make("div", {});
          let offset = 0;
          const more = make("button", { class: "more", type: "button", onclick: () => load().catch(fail) }, "Show more");
          async function load() {
            const items = (await get(path + "limit=" + size + "&offset=" + offset))[field];
            offset += items.length;
            if (items.length || offset === 0) box.append(items.length ? show(items) : make("p", { class: "empty" }, "Nothing here yet."));
            more.hidden = items.length < size;
          }
          await load();
          return [box, more];
        }
        const fail = error => main.replaceChildren(make("p", { class: "empty", role: "alert" }, error.message));
        async function show() {
          const token = ++state.token;
          const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
          for (const link of document.querySelectorAll("nav a")) {
            const target = link.getAttribute("href");
            if (target === "#/" + name || target === "#/" + name + "s" || (target === "#/" && (name === "chart"))) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
          }
          if (name !== "search") $("query").value = "";
          else if (document.activeElement !== $("query")) $("query").value = rest[0] || "";
          try {
            const content = await (views[name] || views[""])(...rest);
            if (token !== state.token) return;
            main.replaceChildren(...content.filter(Boolean));
            document.title = (main.querySelector("h1")?.textContent || "Music") + " – Spindle";
            if (document.activeElement !== $("query") && document.activeElement !== $("region")) { scrollTo(0, 0); if (state.shown) main.focus({ preventScroll: true }); }
            state.shown = true;
          } catch (error) { if (token === state.token) fail(error); }
        }
        let typing = 0;
        $("query").addEventListener("input", () => {
          clearTimeout(typing);
          typing = setTimeout(() => {
            const text = $("query").value.trim(), target = text ? "#/search/" + encodeURIComponent(text) : "#/";
            if (location.hash === target) return;
            // One step back leads out of the search, not letter by letter.
            if (location.hash.startsWith("#/search")) { history.replaceState(null, "", target); show(); } else location.hash = target;
          }, 120);
        });
        $("search").addEventListener("submit", event => event.preventDefault());
        addEventListener("hashchange", show);

        // The player. Listening time is what really passed while sound came out, not where the song stands.
        function play(songs, index) { report("fwdbtn"); state.queue = songs.slice(); start(index); }
        function playNext(song) {
          if (state.index < 0) return play([song], 0);
          state.queue.splice(state.index + 1, 0, song);
          $("status").textContent = song.title + " plays next";
        }
        function start(index, direct = false) {
          const song = state.queue[index];
          if (!song) return;
          state.index = index;
          state.played = { song, ms: 0, since: null, direct };
          audio.src = song.stream_url + "?user_id=" + encodeURIComponent(user) + (state.region ? "&region=" + encodeURIComponent(state.region) : "") + (direct ? "&direct=1" : "");
          audio.play().catch(() => {});
          $("player").hidden = false;
          $("now-title").textContent = song.title;
          $("now-artist").textContent = song.artist;
          const picture = cover(song.cover_url, song.title);
          picture.id = "now-cover";
          $("now-cover").replaceWith(picture);
          $("total").textContent = time(song.duration_ms);
          if ("mediaSession" in navigator) navigator.mediaSession.metadata = new MediaMetadata({ title: song.title, artist: song.artist, album: song.album || "", artwork: song.cover_url ? [{ src: song.cover_url }] : [] });
          mark();
        }
        function clock(runs) {
          const played = state.played;
          if (!played) return;
          const now = performance.now();
          if (played.since !== null) played.ms += now - played.since;
          played.since = runs ? now : null;
        }
        function report(reason) {
          const played = state.played;
          clock(false);
          if (!played || played.ms < 500) return;
          const event = { song_id: played.song.song_id, ms_played: Math.round(played.ms), duration_ms: played.song.duration_ms, reason_end: reason, platform: "web", user_id: user };
          // What is heard after a return to the page is a play of its own.
          played.ms = 0;
          const path = "/v1/plays" + (state.region ? "?region=" + encodeURIComponent(state.region) : "");
          const body = JSON.stringify(event);
          // A beacon outlives the page; where there is none, a request that is kept alive does.
          if (!navigator.sendBeacon?.(path, new Blob([body], { type: "application/json" }))) fetch(path, { method: "POST", body, keepalive: true }).catch(() => {});
        }
        function step(by, reason) {
          const target = state.index + by;
          if (by < 0 && audio.currentTime > 3) { audio.currentTime = 0; return; }
          if (!state.queue[target]) { if (by > 0) audio.pause(); return; }
          report(reason);
          start(target);
        }
        const shape = { play: "M8 5v14l11-7z", pause: "M8 5v14M16 5v14" };
        function drawToggle() {
          $("toggle").setAttribute("aria-label", audio.paused ? "Play" : "Pause");
          $("toggle-shape").setAttribute("d", audio.paused ? shape.play : shape.pause);
        }
        audio.addEventListener("playing", () => clock(true));
        for (const name of ["pause", "waiting", "seeking", "stalled"]) audio.addEventListener(name, () => { if (name !== "stalled" || audio.readyState < 3) clock(false); });
        audio.addEventListener("seeked", () => { if (!audio.paused) clock(true); });
        audio.addEventListener("play", drawToggle);
        audio.addEventListener("pause", drawToggle);
        audio.addEventListener("ended", () => { report("trackdone"); if (state.queue[state.index + 1]) start(state.index + 1); });
        audio.addEventListener("error", () => {
          if (!state.played || !audio.currentSrc) return;
          // An edge that fails is not the end of the music: the same song comes from the origin.
          if (!state.played.direct) { const at = audio.currentTime, kept = state.played; clock(false); start(state.index, true); state.played.ms = kept.ms; if (at > 0) audio.currentTime = at; return; }
          $("status").textContent = "This song cannot be played";
          report("trackerror");
          if (state.queue[state.index + 1]) start(state.index + 1);
        });
        let seeking = false;
        audio.addEventListener("timeupdate", () => {
          const song = state.queue[state.index], length = audio.duration || song?.duration_ms / 1000 || 0;
          $("elapsed").textContent = time(audio.currentTime * 1000);
          if (!seeking && length) $("seek").value = audio.currentTime / length * 1000;
          $("seek").setAttribute("aria-valuetext", time(audio.currentTime * 1000) + " of " + time(length * 1000));
        });
        $("seek").addEventListener("input", () => { seeking = true; });
        $("seek").addEventListener("change", () => { seeking = false; if (audio.duration) audio.currentTime = $("seek").value / 1000 * audio.duration; });
        const toggle = () => { if (audio.ended && state.queue[state.index]) start(state.index); else if (audio.paused) audio.play().catch(() => {}); else audio.pause(); };
        $("toggle").addEventListener("click", toggle);
        $("next").addEventListener("click", () => step(1, "fwdbtn"));
        $("previous").addEventListener("click", () => step(-1, "backbtn"));
        $("volume").addEventListener("input", () => { audio.volume = $("volume").value / 100; });
        if ("mediaSession" in navigator) {
          navigator.mediaSession.setActionHandler("nexttrack", () => step(1, "fwdbtn"));
          navigator.mediaSession.setActionHandler("previoustrack", () => step(-1, "backbtn"));
        }
        addEventListener("pagehide", () => report("endplay"));
        addEventListener("keydown", event => {
          if (event.target.closest("input, select, button, a, textarea")) { if (event.key === "Escape" && event.target === $("query")) { $("query").value = ""; location.hash = "#/"; } return; }
          if (event.key === " " && state.index >= 0) { event.preventDefault(); toggle(); }
          else if (event.key === "/") { event.preventDefault(); $("query").focus(); }
          else if (event.key === "ArrowRight" && state.index >= 0) audio.currentTime += 10;
          else if (event.key === "ArrowLeft" && state.index >= 0) audio.currentTime -= 10;
        });

        // The listener's region: chosen here once, else what the server takes it to be.
        $("region").addEventListener("change", () => {
          state.region = $("region").value;
          localStorage.setItem("spindle-region", state.region);
          show();
        });
        async function begin() {
          try {
            const answer = await get("/v1/region"), kept = localStorage.getItem("spindle-region");
            state.regions = answer.regions;
            state.region = answer.regions.includes(kept) || kept === "" ? kept : answer.regions.includes(answer.region) ? answer.region : "";
            $("region").append(make("option", { value: "" }, "Everywhere"), ...answer.regions.map(region => make("option", { value: region }, regionName(region))));
            $("region").value = state.region;
          } catch (error) { fail(error); }
          show();
        }
        begin();
        """#
}
