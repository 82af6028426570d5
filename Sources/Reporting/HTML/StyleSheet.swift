internal import CanonicalCoding
internal import Merkle

/// The one style sheet of all pages; the page's own policy names its digest, so that no other style counts.
enum StyleSheet {
  /// Base64 of its SHA-256, as a content security policy names it.
  static let digest = Base64.encode(SHA256Hash.of(Array(text.utf8)).bytes)

  static let text = """
    :root{--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--paper:#fff;--wash:#f6f8fa;--allow:#116329;--review:#7d4e00;--deny:#a40e26;--bar:#3b6ea8}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:72rem;font:16px/1.5 system-ui,"Segoe UI","Liberation Sans",sans-serif;color:var(--ink);background:var(--paper);overflow-wrap:break-word}
    h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}
    h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:2px solid var(--ink)}
    h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
    h4{font-size:.95rem;margin:1rem 0 .25rem}
    p{margin:.4rem 0}
    a{color:#0a4b8c}
    code{overflow-wrap:anywhere}code,pre{font:.85em/1.45 ui-monospace,"Liberation Mono",monospace}
    .soft,.none{color:var(--soft)}
    .lead{display:grid;grid-template-columns:minmax(14rem,1fr) 2fr;gap:1rem;margin:1.25rem 0}
    .verdict{border:3px solid;border-radius:.5rem;padding:1rem 1.25rem}
    .verdict strong{display:block;font-size:2rem;line-height:1.15;letter-spacing:.02em}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem}
    .tile{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;background:var(--wash)}
    .tile b{display:block;font-size:1.4rem;line-height:1.2;font-variant-numeric:tabular-nums}
    .tile span{font-size:.85rem;color:var(--soft)}
    .tile.bad{border-color:var(--deny);background:#fff5f5}
    .allow{color:var(--allow)}.review{color:var(--review)}.deny{color:var(--deny)}
    .mark{display:inline-block;border:1.5px solid;border-radius:.3rem;padding:0 .4em;font-weight:600;font-size:.85em;white-space:nowrap}
    table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.92rem}
    th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);unicode-bidi:isolate}
    th{font-weight:600;border-bottom:2px solid var(--ink)}
    .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    dl{margin:.5rem 0;display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:.1rem 1.5rem}
    dl.wide{grid-template-columns:1fr}
    dl div{display:grid;grid-template-columns:9rem 1fr;gap:.5rem;padding:.2rem 0;border-bottom:1px dotted var(--line)}
    dt{color:var(--soft);font-size:.9rem}dd{margin:0;min-width:0;overflow-wrap:anywhere;unicode-bidi:isolate}
    ul{padding-left:1.2rem;margin:.4rem 0}li{margin:.2rem 0;unicode-bidi:isolate}
    .source{border:1px solid var(--line);border-radius:.5rem;padding:.25rem 1.25rem 1rem;margin:1rem 0}
    .source h3{margin-top:1rem}
    .charts{display:grid;grid-template-columns:1fr 1fr;gap:0 2.5rem}
    figure{margin:1rem 0}figcaption{font-weight:600;margin-bottom:.25rem}
    svg{display:block;width:100%;height:auto;max-width:36rem}
    svg text{font:13px system-ui,"Liberation Sans",sans-serif;fill:var(--ink)}
    svg .value{fill:var(--soft)}svg .bar{fill:var(--bar)}svg .track{fill:#eaeef2}
    .text{white-space:pre-wrap;background:var(--wash);border:1px solid var(--line);border-radius:.4rem;padding:.75rem 1rem;margin:.5rem 0}
    ol.lines{list-style:none;counter-reset:line;padding:.5rem 0;margin:.5rem 0;background:var(--wash);border:1px solid var(--line);border-radius:.4rem;font:.82rem/1.5 ui-monospace,"Liberation Mono",monospace}
    ol.lines li{counter-increment:line;white-space:pre-wrap;padding:0 .75rem 0 4.5rem;text-indent:-4rem;margin:0;min-height:1.5em}
    ol.lines li::before{content:counter(line);display:inline-block;width:3.25rem;margin-right:.75rem;text-align:right;text-indent:0;color:var(--soft)}
    ol.lines li:target{background:#fff3bf}
    nav{font-size:.9rem;margin:.75rem 0}nav a{margin-right:1rem}
    footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}
    @media (max-width:44rem){
    body{padding:1rem .9rem 3rem}
    .lead,.charts{grid-template-columns:1fr}
    .tiles{grid-template-columns:1fr 1fr}
    dl,dl.wide,dl div{grid-template-columns:1fr}dl div{gap:0}
    thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    table,tbody,tr,td{display:block;width:100%}
    tr{border:1px solid var(--line);border-radius:.4rem;padding:.3rem .7rem;margin:.6rem 0}
    td{border:0;padding:.15rem 0}
    td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.8rem}
    .number{text-align:left}
    ol.lines li{padding-left:3.5rem;text-indent:-3rem}ol.lines li::before{width:2.4rem;margin-right:.6rem}
    .source{padding:.25rem .8rem .8rem}
    }
    @media print{
    @page{margin:16mm 14mm}
    body{max-width:none;padding:0;font-size:10pt}
    a{color:inherit;text-decoration:none}
    nav{display:none}
    h2,h3,h4{break-after:avoid}
    tr,figure,.tile,.verdict{break-inside:avoid}
    thead{display:table-header-group}
    .source{border:0;border-top:1px solid var(--line);border-radius:0;padding:0}
    .tile,.text,ol.lines{background:none}
    }
    """
}
