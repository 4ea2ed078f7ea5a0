extension WebPage {
    /// Colours by role, light and dark; sizes in rem, so that the reader's font size decides.
    static let style = """
        :root { --ground: #fbf9f6; --raised: #fff; --ink: #1d1a17; --soft: #6b635b; --line: #e7e1d9; --accent: #c2410c; --on-accent: #fff; --tint: #fdeee3; --up: #15803d; --down: #b4534b; font-size: 100% }
        @media (prefers-color-scheme: dark) { :root { --ground: #151311; --raised: #1f1c19; --ink: #f3eee8; --soft: #a89e93; --line: #332e29; --accent: #fb923c; --on-accent: #201307; --tint: #33231a; --up: #4ade80; --down: #f0948a } }
        * { box-sizing: border-box }
        html { scroll-padding-top: 8rem }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; padding-bottom: 7rem }
        a { color: inherit; text-decoration: none }
        button, input, select { font: inherit; color: inherit }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
        .skip { position: fixed; left: 1rem; top: -4rem; background: var(--raised); padding: .6rem 1rem; border-radius: .5rem; z-index: 9 }
        .skip:focus { top: 1rem }
        header { position: sticky; top: 0; z-index: 4; display: flex; align-items: center; gap: 1.25rem; padding: .8rem clamp(1rem, 4vw, 2.5rem); background: color-mix(in srgb, var(--ground) 88%, transparent); backdrop-filter: blur(12px) }
        .brand { display: flex; align-items: center; gap: .6rem; font-weight: 700; font-size: 1.2rem; letter-spacing: -.02em }
        .brand svg { width: 2rem; height: 2rem; fill: var(--accent) }
        .brand .groove { fill: none; stroke: var(--ground); stroke-opacity: .35 }
        .brand .hub { fill: var(--ground) }
        #search { flex: 1; max-width: 34rem; margin: 0 auto; position: relative }
        #search svg { position: absolute; left: .9rem; top: 50%; width: 1.15rem; translate: 0 -50%; fill: none; stroke: var(--soft); stroke-width: 2; stroke-linecap: round; pointer-events: none }
        #query { width: 100%; padding: .6rem 1rem .6rem 2.6rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--raised) }
        #query::placeholder { color: var(--soft); opacity: 1 }
        .region { display: flex; align-items: center; gap: .5rem; color: var(--soft); font-size: .875rem }
        .region select { padding: .5rem .6rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--raised); color: var(--ink); max-width: 11rem }
        nav { display: flex; gap: .25rem; padding: 0 clamp(.5rem, 3.4vw, 1.9rem) .4rem; border-bottom: 1px solid var(--line); overflow-x: auto }
        nav a { padding: .5rem .75rem; border-radius: .5rem; color: var(--soft); white-space: nowrap }
        nav a:hover { color: var(--ink); background: var(--tint) }
        nav a[aria-current] { color: var(--accent); font-weight: 600 }
        nav .external { margin-left: auto }
        main { padding: 1.5rem clamp(1rem, 4vw, 2.5rem); max-width: 78rem; margin: 0 auto; outline: none }
        h1 { font-size: clamp(1.5rem, 4vw, 2.1rem); letter-spacing: -.025em; line-height: 1.15; margin: 0 0 .25rem; overflow-wrap: anywhere }
        h2 { font-size: 1.1rem; margin: 2rem 0 .75rem }
        .lead { color: var(--soft); margin: 0 0 1rem }
        .head { display: flex; gap: 1.5rem; align-items: end; margin-bottom: 1.5rem }
        .head .cover { width: clamp(6rem, 18vw, 11rem) }
        .cover { aspect-ratio: 1; border-radius: .5rem; overflow: hidden; display: grid; place-items: center; flex: none; color: #fff; font-weight: 700; background: var(--accent) }
        .cover img { width: 100%; height: 100%; object-fit: cover; display: block }
        .cover.h0 { background: linear-gradient(140deg, #9a3412, #f59e0b) } .cover.h1 { background: linear-gradient(140deg, #115e59, #34d399) } .cover.h2 { background: linear-gradient(140deg, #3730a3, #a78bfa) } .cover.h3 { background: linear-gradient(140deg, #9d174d, #fb7185) } .cover.h4 { background: linear-gradient(140deg, #1e3a8a, #38bdf8) } .cover.h5 { background: linear-gradient(140deg, #3f6212, #bef264) }
        .songs { list-style: none; margin: 0; padding: 0 }
        .songs li { border-radius: .6rem; display: flex; align-items: center; gap: .85rem; padding: .4rem .6rem; margin: 0 -.6rem; position: relative }
        .songs li:hover, .songs li:focus-within { background: var(--tint) }
        .songs .number { width: 2.1rem; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; flex: none }
        .songs .move { width: 2.4rem; flex: none; font-size: .75rem; color: var(--soft); font-variant-numeric: tabular-nums }
        .move.up { color: var(--up) } .move.down { color: var(--down) } .move.new { color: var(--accent); font-weight: 600 }
        .songs .cover { width: 2.75rem; font-size: 1rem; border-radius: .35rem }
        .songs .names { flex: 1; min-width: 0 }
        .play { all: unset; cursor: pointer; font-weight: 550; display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 100% }
        .play::after { content: ""; position: absolute; inset: 0; border-radius: .6rem }
        .play:focus-visible::after { outline: 2px solid var(--accent); outline-offset: -2px }
        .by { color: var(--soft); font-size: .875rem; display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
        .by a { position: relative; z-index: 1 }
        .by a:hover { color: var(--ink); text-decoration: underline }
        .songs .count, .songs .time { color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; text-align: right; flex: none }
        .songs .count { width: 7rem } .songs .time { width: 3.2rem }
        .playing .play, .playing .number { color: var(--accent) }
        .add { border: 0; background: none; border-radius: 50%; width: 2.25rem; height: 2.25rem; cursor: pointer; position: relative; z-index: 1; color: var(--soft); flex: none; font-size: 1.2rem; line-height: 1 }
        .add:hover { background: var(--raised); color: var(--accent) }
        .grid { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1.25rem }
        .grid a { display: block }
        .grid .cover { font-size: 2.6rem; margin-bottom: .55rem; transition: transform .15s }
        .grid a:hover .cover { transform: translateY(-3px) }
        .grid strong, .grid span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
        .grid strong { font-weight: 600 } .grid span { color: var(--soft); font-size: .875rem }
        .grid .round .cover { border-radius: 50% }
        .chips { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 1rem; padding: 0; list-style: none }
        .chips a { display: block; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--raised); font-size: .9rem }
        .chips a:hover, .chips a[aria-current] { border-color: var(--accent); color: var(--accent) }
        .amount { color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums } h2.tree { margin: 1.4rem 0 .55rem } h2.tree a:hover, .up:hover { color: var(--accent) }
        .up { color: var(--ink); text-decoration: underline; text-underline-offset: .18em; text-decoration-color: var(--line) } .small { font-size: .875rem }
        .action { border: 0; border-radius: 2rem; padding: .55rem 1.3rem; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; margin: 0 0 1.25rem }
        .head .action, .head .lead { margin-bottom: .4rem }
        .more { display: block; margin: 1.25rem auto 0; border: 1px solid var(--line); background: var(--raised); border-radius: 2rem; padding: .5rem 1.4rem; cursor: pointer }
        .empty { overflow-wrap: anywhere; color: var(--soft); padding: 3rem 0; text-align: center }
        #player { position: fixed; inset: auto 0 0; z-index: 5; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.6fr) minmax(0, 1fr); align-items: center; gap: 1.5rem; padding: .7rem clamp(1rem, 4vw, 2.5rem); padding-bottom: max(.7rem, env(safe-area-inset-bottom)); background: var(--raised); border-top: 1px solid var(--line); box-shadow: 0 -8px 30px rgb(0 0 0 / .08) }
        #player[hidden] { display: none }
        .now { display: flex; gap: .8rem; align-items: center; min-width: 0 }
        .now .cover { width: 3.4rem; font-size: 1.2rem }
        .now .names { min-width: 0 }
        .now strong, .now span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
        .now span { color: var(--soft); font-size: .875rem }
        .buttons { display: flex; justify-content: center; align-items: center; gap: .6rem }
        .buttons button { border: 0; background: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; cursor: pointer; display: grid; place-items: center }
        .buttons button:hover { background: var(--tint) }
        .buttons svg { width: 1.35rem; fill: currentColor; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
        .buttons .main, .buttons .main:hover { background: var(--accent); color: var(--on-accent) }
        .seek { display: flex; gap: .7rem; align-items: center; font-size: .75rem; color: var(--soft); font-variant-numeric: tabular-nums }
        .seek input { flex: 1; min-width: 0 }
        input[type=range] { accent-color: var(--accent) }
        .volume { justify-self: end; display: flex; align-items: center; gap: .5rem; color: var(--soft) }
        .volume svg { width: 1.3rem; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round }
        .volume input { width: 6rem }
        @media (max-width: 46rem) {
          nav { flex-wrap: wrap; gap: 0 } nav a { padding: .5rem .55rem } nav .external { margin-left: 0 }
          body { padding-bottom: 11rem }
          header { flex-wrap: wrap; gap: .6rem 1rem }
          #search { order: 3; flex-basis: 100%; max-width: none }
          .region { margin-left: auto }
          .songs .count, .volume { display: none }
          .songs li { gap: .6rem }
          .songs .number { width: 1.5rem } .songs .move { width: 1.9rem }
          .head { gap: 1rem }
          .grid { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem }
          #player { grid-template-columns: minmax(0, 1fr) auto; gap: .3rem .8rem }
          .transport { display: contents }
          .seek { grid-column: 1 / -1; grid-row: 2 }
          .buttons { gap: .1rem }
        }
        @media (prefers-reduced-motion: reduce) { * { transition: none !important } }
        """
}
