/// The report's style sheet.
///
/// Colours: series after Okabe & Ito (2008), distinct with any common colour blindness, darkened
/// on paper and lightened on night until each has a contrast of 3:1 (WCAG 2.2, 1.4.11). No meaning
/// rests on colour alone: whatever is coloured is also named, and stacked parts are patterned.
enum ReportStyle {
    /// Series colours in `sheet`, `.c0` and on.
    static let seriesCount = 8
    /// Steps of the heat map in `sheet`, `.h0` and on.
    static let heatSteps = 10

    static let sheet = palette + layout + pieces + heat + adaptations

    private static let palette = """
        :root{color-scheme:light dark;--paper:#f7f5f0;--card:#fffefb;--ink:#1a1d24;--soft:#5b6170;\
        --line:#e2ded4;--track:#ebe7dd;--land:#ddd8cb;--accent:#0b5cab;--accent-rgb:11 92 171;--on-accent:#fff;--on-mid:#1a1d24;\
        --warn:#a63d00;--good:#00694d;\
        --c0:#0069a8;--c1:#c04a00;--c2:#007a5a;--c3:#a8478c;--c4:#8d6300;--c5:#2f7fb2;--c6:#5b4ba0;\
        --c7:#5f6470}
        @media screen and (prefers-color-scheme:dark){:root{--paper:#12151b;--card:#1a1e26;\
        --ink:#eceae4;--soft:#a3a9b6;--line:#2d333e;--track:#2a303b;--land:#313845;--accent:#6db7f5;\
        --accent-rgb:109 183 245;--on-accent:#0d1117;--on-mid:#0d1117;--warn:#ff9d66;--good:#4fd0a4;\
        --c0:#5ab1f0;--c1:#f08a4b;--c2:#35c79b;--c3:#e39ac6;--c4:#f0b93a;--c5:#9cd6f7;--c6:#a99bea;\
        --c7:#a7adb8}}

        """

    private static let layout = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",\
        "Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
        .wrap{max-width:1120px;margin:0 auto;padding:0 24px}
        a{color:inherit;text-underline-offset:3px}
        a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px}
        header{padding:40px 0 8px}
        .eyebrow{margin:0;color:var(--soft);font-size:13px;letter-spacing:.04em}
        h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,Georgia,"TeX Gyre Pagella",\
        "DejaVu Serif",serif;font-weight:600;line-height:1.15;text-wrap:balance}
        h1{font-size:clamp(30px,5vw,48px);margin:.15em 0 .35em;letter-spacing:-.015em}
        h2{font-size:26px;margin:0 0 4px;letter-spacing:-.01em}
        h2+.empty{margin-top:14px}.wide>div>h3:first-child{margin-top:0}
        h3{font-size:15px;margin:28px 0 8px;font-weight:650}
        h3 small,caption small{font-weight:400;color:var(--soft);font-size:13px}
        p{margin:0 0 12px;max-width:80ch}
        .lead{color:var(--soft);font-size:16px;margin-bottom:18px}
        .lead b{color:var(--ink);font-weight:600}
        .note{color:var(--soft);font-size:13px;margin:8px 0 0;max-width:none}
        .empty{color:var(--soft);border:1px dashed var(--line);border-radius:10px;padding:14px 16px;margin:0;max-width:none}
        section{background:var(--card);border:1px solid var(--line);border-radius:16px;\
        padding:28px;margin:0 0 20px;scroll-margin-top:12px}
        nav ul{display:flex;flex-wrap:wrap;gap:6px 18px;list-style:none;margin:22px 0 20px;padding:0;font-size:14px}
        nav a{color:var(--soft)}
        footer{color:var(--soft);font-size:13px;padding:4px 0 48px}
        code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;\
        overflow-wrap:anywhere}
        bdi{overflow-wrap:anywhere}
        .vh{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .defs{position:absolute;width:0;height:0}
        .cols{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:18px 24px}
        .wide{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:8px 36px}

        """

    private static let pieces = """
        .status{display:flex;gap:12px;align-items:baseline;font-size:18px;margin:0 0 26px;max-width:none}
        .status i{flex:none;font-style:normal;font-weight:700;font-size:13px;padding:3px 10px;border-radius:99px;\
        border:1.5px solid currentColor}
        .good i{color:var(--good)}.attention i,.failed i{color:var(--warn)}
        .failed i{background:var(--warn);color:var(--card);border-color:var(--warn)}
        .notices{margin:-12px 0 24px;padding-left:20px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:0;\
        background:var(--line);border:1px solid var(--line);border-radius:16px;overflow:hidden}
        .tiles>div{background:var(--card);padding:16px 20px;display:flex;flex-direction:column}
        .tiles dt{color:var(--soft);font-size:13px;order:2}
        .tiles dd{margin:0;font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.02em}
        .tiles dd+dd{order:3;font-size:13px;font-weight:400;color:var(--soft);letter-spacing:0}
        .scroll{overflow-x:auto;max-width:100%}
        table{border-collapse:collapse;width:100%;font-size:14px}
        caption{text-align:left;font-weight:650;font-size:15px;padding:0 0 8px}
        th,td{text-align:left;padding:6px 14px 6px 0;vertical-align:top;border-top:1px solid var(--line);font-weight:400}
        thead th{color:var(--soft);font-size:13px;border-top:0;vertical-align:bottom;white-space:nowrap}
        tbody th{font-weight:500}
        tfoot th,tfoot td{font-weight:650}
        .n{text-align:right;white-space:nowrap}
        td:last-child,th:last-child{padding-right:0}
        .zero{color:var(--soft);opacity:.7}
        svg{display:block;overflow:visible}
        svg text{fill:var(--soft);font-size:11px;font-family:inherit}
        .bar{width:100%;height:12px;margin:5px 0 0;min-width:60px}
        .thin{height:6px;margin-top:4px}
        .track{fill:var(--track)}
        .c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}
        .c4{fill:var(--c4)}.c5{fill:var(--c5)}.c6{fill:var(--c6)}.c7{fill:var(--c7)}
        .accent{fill:var(--accent)}.faint{fill:var(--accent);fill-opacity:.42}
        .p-new{fill:url(#p-new)}.p-dup{fill:url(#p-dup)}.p-bot{fill:url(#p-bot)}.p-rej{fill:url(#p-rej)}
        .p-out{fill:url(#p-out)}.p-pend{fill:url(#p-pend)}
        .mark{stroke:var(--ink);stroke-width:2}
        .hollow{fill:var(--card);stroke:var(--accent);stroke-width:2}
        .wick{stroke:var(--accent);stroke-width:2.5}
        .base{stroke:var(--line);stroke-width:1}
        .key{display:flex;flex-wrap:wrap;gap:6px 22px;list-style:none;margin:10px 0 22px;padding:0;font-size:14px}
        .key li{display:flex;gap:7px;align-items:center}
        .key svg{width:14px;height:14px;flex:none}
        .key span{color:var(--soft)}
        .curve polyline{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round}.curve circle{fill:currentColor}
        .curve.plan{color:var(--accent)}.curve.plan polyline{stroke-width:3.2}
        .curve.bound{color:var(--soft)}.curve.bound polyline{stroke-dasharray:2 4}
        .s0{color:var(--c1)}.s1{color:var(--c2)}.s2{color:var(--c3)}.s3{color:var(--c4)}.s4{color:var(--c6)}.s5{color:var(--c7)}.s6{color:var(--c5)}.s7{color:var(--c0)}
        .s1 polyline{stroke-dasharray:8 3}.s2 polyline{stroke-dasharray:3 3}.s3 polyline{stroke-dasharray:10 3 2 3}
        .s4 polyline{stroke-dasharray:14 4}.s5 polyline{stroke-dasharray:5 2}.s6 polyline{stroke-dasharray:1 3}
        .lead-line{stroke:var(--line);stroke-width:1}
        .rows{display:grid;grid-template-columns:minmax(90px,max-content) minmax(80px,1fr) max-content;gap:7px 14px;\
        align-items:center;margin:0;font-size:14px}
        .rows>*{margin:0;min-width:0}.rows .bar{margin:0;height:16px}
        .rows small{display:block;color:var(--soft);font-size:12.5px}
        .who{display:block}.who small{display:block;color:var(--soft);font-size:13px;line-height:1.35}
        .pos{font-weight:650;width:2.2em}
        .move{white-space:nowrap;width:4.4em;font-size:13px}
        .up{color:var(--good)}.down{color:var(--warn)}.same{color:var(--soft)}
        .fresh{border:1px solid var(--accent);color:var(--accent);border-radius:5px;padding:0 5px;font-size:11px;font-weight:650}
        .cols table{font-size:13.5px}.cols .pos{width:1.8em}
        .cols td,.cols th{padding-right:8px}.cols .move{width:2.9em}.cols th[scope=row]{min-width:7.5em}
        .day{white-space:nowrap}.heat bdi{overflow-wrap:normal}
        .panel{margin:0}.panel figcaption{display:flex;justify-content:space-between;gap:8px;font-size:14px;\
        font-weight:600;margin-bottom:2px}
        .panel figcaption span{font-weight:400;color:var(--soft);white-space:nowrap}
        .panel>svg{width:100%;height:auto}
        .dot{display:inline-block;width:10px;height:10px;margin-right:7px;vertical-align:baseline}
        .land{stroke:var(--land);stroke-width:4.2;stroke-linecap:round;stroke-dasharray:0 6;fill:none}
        .grid{stroke:var(--line);stroke-width:.7;fill:none}
        .arc{fill:none;stroke:var(--accent);stroke-opacity:.62;stroke-linecap:round}
        .head{fill:var(--accent)}
        .site{stroke:var(--card);stroke-width:1.5}
        .map{margin:0}.map>svg{width:100%;height:auto}
        .map text{font-size:12px;font-weight:600;fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
        .meter{padding:14px 0;border-top:1px solid var(--line)}
        .meter h4{margin:0;font-size:15px;font-weight:600;display:flex;justify-content:space-between;gap:12px}
        .meter h4 span{font-weight:400;color:var(--soft)}
        .meter p{margin:4px 0 0;font-size:13px;color:var(--soft);max-width:none}
        .meter p b{color:var(--ink);font-weight:600}
        .meter .bar{height:16px}.meter .thin{height:7px}
        .heat td{text-align:center;border:2px solid var(--card);padding:7px 4px;border-radius:4px;min-width:58px}
        .heat th[scope=col]{text-align:center;padding:4px;white-space:normal}
        .heat th[scope=col]:first-child{text-align:left}
        .heat th[scope=row]{border-top-color:transparent;white-space:nowrap;vertical-align:middle}
        .tag{font-size:12px;border:1px solid currentColor;border-radius:99px;padding:1px 8px;white-space:nowrap}
        .stages td{vertical-align:middle}.stages .bar{margin:0;min-width:140px;height:14px}
        .stages small{display:block;color:var(--soft);font-size:13px}
        details{margin-top:16px}summary{cursor:pointer;color:var(--soft);font-size:14px}
        details .scroll{margin-top:10px}
        .groups td:first-child{white-space:nowrap}.groups .opt{width:26%}.groups td.opt .bar{margin-top:5px}
        .gap{height:26px}.even{margin-top:28px}.small{margin-top:18px}.total{margin-bottom:10px}
        svg .figure{fill:var(--ink);font-size:11.5px}.first{margin-top:0}
        .examples{list-style:none;margin:3px 0 2px;padding:0;font-size:13px;color:var(--soft)}

        """

    /// Text turns to the contrasting colour where the ground is dark enough for it.
    private static let heat = (0..<heatSteps).map { step in
        let text = step >= 8 ? ";color:var(--on-accent)" : step >= 6 ? ";color:var(--on-mid)" : ""
        return
            ".h\(step){background:rgb(var(--accent-rgb) / \(step == 0 ? 4 : step * 10)%)\(text)}\n"
    }.joined()

    private static let adaptations = """
        @media (max-width:720px){.wrap{padding:0 12px}section{padding:20px 14px;border-radius:12px}\
        header{padding-top:24px}.wide{grid-template-columns:minmax(0,1fr);gap:28px}h2{font-size:23px}\
        .status{display:block}.status i{display:inline-block;margin-bottom:6px}\
        .tiles{grid-template-columns:1fr 1fr}.tiles>div{padding:12px 14px}.tiles dd{font-size:24px}\
        .map text{font-size:21px}.total text{display:none}.opt{display:none}th,td{padding-right:10px}\
        .stages .bar{min-width:70px}.rows{gap:7px 10px}.meter h4{display:block}.meter h4 span{display:block;font-size:13px}}
        @media print{:root{--paper:#fff;--card:#fff}body{font-size:10.5pt}*{print-color-adjust:exact;\
        -webkit-print-color-adjust:exact}nav,.skip{display:none}.wrap{max-width:none;padding:0}\
        section{border:0;border-top:1px solid var(--line);border-radius:0;padding:16px 0}\
        h2,h3,caption{break-after:avoid}tr,.meter,figure,.tiles{break-inside:avoid}.scroll{overflow:visible}\
        thead{display:table-header-group}}
        @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}

        """
}
