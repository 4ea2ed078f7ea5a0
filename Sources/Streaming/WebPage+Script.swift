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
        const day = date => new Date(date + "T00:00Z").toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
        // A night is published the morning after; a day later another one should have been.
        const isOld = date => Date.now() - Date.parse(date + "T00:00Z") > 3 * 86400000;
        const hue = text => { let h = 0; for (const c of text) h = (h * 31 + c.codePointAt(0)) % 6007; return "h" + h % 6; };
        const regionName = id => id.split(/[-_]/).map(part => part.length < 3 ? part.toUpperCase() : part[0].toUpperCase() + part.slice(1)).join(" ");

        // The letter shows where there is no picture, and while one is loading.
        // Pixels of its longest side as shown; dense screens get twice that.
        function cover(url, text, size = 300) {
          const box = make("div", { class: "cover " + hue(text), "aria-hidden": "true" }, [...text.trim()][0] || "♪");
          if (url) {
            const at = pixels => url + (url.includes("?") ? "&" : "?") + "size=" + pixels;
            const image = make("img", { src: at(size), srcset: at(size) + " 1x, " + at(2 * size) + " 2x", alt: "", loading: "lazy", decoding: "async" });
            image.addEventListener("load", () => box.replaceChildren(image));
            image.addEventListener("error", () => {});
            image.loading = "eager";
          }
          return box;
        }
        function songList(songs, options = {}) {
          const list = make("ol", { class: "songs" });
          songs.forEach((song, index) => {
            if (options.disc && (song.disc || 1) !== options.disc) return;
            const entry = options.entries?.[index];
            const by = make("span", { class: "by" }, make("bdi", {}, song.artist));
            if (song.album && !options.inAlbum) by.append(" · ", make("a", { href: "#/album/" + song.album_id }, make("bdi", {}, song.album)));
            list.append(make("li", { "data-song": song.song_id },
              options.number === false ? null : make("span", { class: "number" }, String(entry?.position ?? song.track ?? index + 1)),
              entry ? move(entry) : null,
              cover(song.cover_url, song.title, 48),
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
            const { date } = await get("/v1/snapshot");
            const overall = charts.some(chart => chart.chart === "overall");
            if (!region && !overall) return [make("p", { class: "empty" }, "No chart yet: nobody has played anything.")];
            const chart = await get(region ? "/v1/charts/region/" + encodeURIComponent(region) : "/v1/charts/overall/*");
            const songs = chart.entries.map(entry => entry.song);
            const genres = charts.filter(chart => chart.chart === "genre");
            return [make("h1", {}, region ? "Most played in " + regionName(region) : "Most played everywhere"),
              make("p", { class: "lead" }, "The week up to " + day(date) + ", " + count(chart.entries.length, "song", "songs") + "." + (isOld(date) ? " No later night has been published." : "")), playAll(songs),
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
          async releases() { return [make("h1", {}, "New releases"), make("p", { class: "lead" }, "The newest first."), ...await pages("/v1/releases?", "albums", items => grid(items.map(albumTile)))]; },
          async artists() { return [make("h1", {}, "Artists"), make("p", { class: "lead" }, "Most popular first."), ...await pages("/v1/artists?", "artists", items => grid(items.map(artistTile), true))]; },
          async genres() {
            const { genres } = await get("/v1/genres"), below = new Map();
            for (const genre of genres) below.set(genre.parent_id, [...(below.get(genre.parent_id) || []), genre]);
            // Those right under a root are shown with it; what lies deeper has its place on their pages.
            const chips = list => make("ul", { class: "chips" }, ...list.map(genre => make("li", {}, make("a", { href: "#/genre/" + genre.genre_id }, genre.name + " ", make("span", { class: "amount" }, genre.total_song_count.toLocaleString("en"))))));
            const roots = below.get(null) || [], branched = roots.filter(root => below.has(root.genre_id)), plain = roots.filter(root => !below.has(root.genre_id));
            return [make("h1", {}, "Genres"), make("p", { class: "lead" }, "By number of songs, with what is below each."),
              ...branched.flatMap(root => [make("h2", { class: "tree" }, make("a", { href: "#/genre/" + root.genre_id }, root.name + " ", make("span", { class: "amount" }, root.total_song_count.toLocaleString("en")))), chips(below.get(root.genre_id))]),
              branched.length && plain.length ? make("h2", {}, "More") : null, plain.length ? chips(plain) : null,
              roots.length ? null : make("p", { class: "empty" }, "Nothing here yet.")];
          },
          async genre(id) {
            const genre = await get("/v1/genres/" + id + "?limit=1");
            const up = genre.parent_id ? await get("/v1/genres/" + genre.parent_id + "?limit=1") : null;
            return [make("h1", {}, genre.name), make("p", { class: "lead" }, up ? make("a", { class: "up", href: "#/genre/" + up.genre_id }, up.name) : null, up ? " · " : null, count(genre.total_song_count, "song", "songs") + ", most popular first."),
              genre.genres.length ? make("ul", { class: "chips", "aria-label": "Genres below" }, ...genre.genres.map(part => make("li", {}, make("a", { href: "#/genre/" + part.genre_id }, part.name + " ", make("span", { class: "amount" }, part.total_song_count.toLocaleString("en")))))) : null,
              ...await pages("/v1/genres/" + id + "?", "songs", songs => songList(songs, { number: false }))];
          },
          async album(id) {
            const album = await get("/v1/albums/" + id);
            const by = make("p", { class: "lead" });
            album.artists.forEach((artist, index) => by.append(index ? ", " : "", make("a", { class: "up", href: "#/artist/" + artist.artist_id }, make("bdi", {}, artist.name))));
            by.append(" · " + [album.release_date, count(album.songs.length, "song", "songs"), time(album.duration_ms)].filter(Boolean).join(" · "));
            const print = [album.label, album.catalog_number, album.media, album.release_country, album.original_date && album.original_date !== album.release_date ? "first released " + album.original_date : null].filter(Boolean);
            // A heading for each disc where there are several.
            const discs = [...new Set(album.songs.map(song => song.disc || 1))], subtitle = new Map(album.discs.map(disc => [disc.disc, disc.subtitle]));
            const list = discs.length < 2 ? [songList(album.songs, { inAlbum: true })]
              : discs.flatMap(disc => [make("h2", {}, "Disc " + disc + (subtitle.get(disc) ? ": " + subtitle.get(disc) : "")), songList(album.songs, { inAlbum: true, disc })]);
            return [make("div", { class: "head" }, cover(album.cover_url, album.title), make("div", {}, make("h1", {}, album.title), by,
              print.length ? make("p", { class: "lead small" }, print.join(" · ")) : null, playAll(album.songs))), ...list];
          },
          async artist(id) {
            const artist = await get("/v1/artists/" + id + "?limit=200");
            const shelf = (title, albums) => albums.length ? [make("h2", {}, title), grid(albums.map(albumTile))] : [];
            const top = artist.songs.slice(0, 10), rest = artist.songs.slice(10);
            const more = rest.length ? make("button", { class: "more", type: "button", onclick: () => more.replaceWith(songList(rest, { number: false })) }, "Show " + count(rest.length, "more song", "more songs")) : null;
            return [make("h1", {}, artist.name), make("p", { class: "lead" }, [count(artist.song_count, "song", "songs"), artist.album_count ? count(artist.album_count, "album", "albums") : null].filter(Boolean).join(" · ")), playAll(artist.songs),
              artist.songs.length ? make("h2", {}, "Top songs") : null, artist.songs.length ? songList(top, { number: false }) : null, more,
              ...shelf("Albums", artist.albums), ...shelf("Appears on", artist.appears_on)];
          },
          async search(text) {
            if (!text) return views[""]();
            const found = await get("/v1/search?limit=30&q=" + encodeURIComponent(text));
            const nothing = !found.songs.length && !found.albums.length && !found.artists.length;
            const total = kind => found.totals[kind].count + (found.totals[kind].is_exact ? "" : " or more");
            $("status").textContent = nothing ? "Nothing found" : found.did_you_mean ? "Showing " + found.did_you_mean : total("songs") + " songs found";
            if (nothing) return [make("p", { class: "empty" }, "Nothing found for “" + text + "”.")];
            const heading = (title, kind) => make("h2", {}, title + " ", make("span", { class: "amount" }, total(kind)));
            const shelves = {
              artists: () => found.artists.length ? [heading("Artists", "artists"), grid(found.artists.slice(0, 12).map(artistTile), true)] : [],
              albums: () => found.albums.length ? [heading("Albums", "albums"), grid(found.albums.slice(0, 12).map(albumTile))] : [],
              songs: () => found.songs.length ? [heading("Songs", "songs"), songList(found.songs, { number: false })] : []
            };
            const order = [...new Set([found.best, "songs", "artists", "albums"])].filter(Boolean);
            return [make("h1", {}, "Results for “" + text + "”"),
              found.did_you_mean ? make("p", { class: "lead" }, "Did you mean ", make("a", { class: "up", href: "#/search/" + encodeURIComponent(found.did_you_mean) }, found.did_you_mean), "?") : null,
              ...order.flatMap(kind => shelves[kind]())];
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
        // What somebody has changed in the address may be no encoding of anything.
        const decoded = part => { try { return decodeURIComponent(part); } catch { return part; } };
        async function show() {
          const token = ++state.token;
          const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
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
            const text = $("query").value.trimStart().replace(/\s+$/, " "), target = text ? "#/search/" + encodeURIComponent(text) : "#/";
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
          const picture = cover(song.cover_url, song.title, 96);
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
