/// How the page looks. The colours of series are those of Okabe and Ito (2008), which people with any kind of colour vision tell
/// apart; lighter on dark paper.
enum StyleSheet {
  static let markup = Markup.style(
    """

    :root {
      color-scheme: light dark;
      --paper: #fcfcfb; --panel: #f3f4f5; --ink: #1c2227; --soft: #59636c; --hair: #dcdfe2; --warn: #8a5a00;
      --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b8568f; --c4: #d99100; --c5: #3fa2dd; --ct: #30363c;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14181b; --panel: #1d2327; --ink: #e4e7ea; --soft: #9aa5ae; --hair: #343c42; --warn: #e8b75a;
        --c0: #55aef0; --c1: #ff8a47; --c2: #2fc79c; --c3: #e795c5; --c4: #f0b73a; --c5: #a9dcff; --ct: #d5dade;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
    }
    main { max-width: 76rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
    .kicker { margin: 0; color: var(--soft); font-size: .875rem; }
    h1 { margin: 0 0 .75rem; font-size: 1.75rem; line-height: 1.2; font-weight: 600; overflow-wrap: anywhere; }
    h2 { margin: 3rem 0 .75rem; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
    h3 { margin: 2rem 0 .5rem; font-size: 1.0625rem; font-weight: 600; overflow-wrap: anywhere; }
    h4 { margin: 1.25rem 0 .5rem; font-size: .9375rem; font-weight: 600; }
    p { max-width: 44rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
    a { color: var(--c0); text-decoration: none; }
    a:hover, a:focus { text-decoration: underline; }
    nav { display: flex; flex-wrap: wrap; gap: .125rem 1rem; font-size: .875rem; }
    .note { padding: .5rem .75rem; background: var(--panel); color: var(--warn); font-size: .875rem; }
    .scroll { max-width: 100%; margin: 0 0 1rem; overflow-x: auto; }
    table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; }
    th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--hair); text-align: left; vertical-align: baseline; }
    th { font-weight: 400; }
    thead th { color: var(--soft); vertical-align: bottom; }
    td, th[scope=row] { white-space: nowrap; }
    .n { text-align: right; font-variant-numeric: tabular-nums lining-nums; }
    .gallery {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem 1.5rem;
      align-items: start; margin: 0 0 1rem;
    }
    .pairs { max-width: 52rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
    figure { margin: 0; min-width: 0; }
    figcaption { margin: 0 0 .25rem; font-size: .875rem; font-weight: 600; overflow-wrap: anywhere; }
    figure svg { display: block; width: 100%; max-width: 30rem; height: auto; }
    svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums lining-nums; }
    .legend { display: flex; flex-wrap: wrap; gap: .125rem 1rem; margin: .25rem 0 0; padding: 0; list-style: none; font-size: .8125rem; color: var(--soft); }
    figure .legend svg { display: inline-block; width: 22px; height: 10px; margin-right: .375rem; }
    .grid { stroke: var(--hair); fill: none; stroke-width: .75; }
    .axis { stroke: var(--soft); fill: none; stroke-width: .75; }
    .k0 { --k: var(--c0); } .k1 { --k: var(--c1); } .k2 { --k: var(--c2); } .k3 { --k: var(--c3); }
    .k4 { --k: var(--c4); } .k5 { --k: var(--c5); } .kt { --k: var(--ct); } .kr { --k: var(--soft); }
    .line { fill: none; stroke: var(--k); stroke-width: 1.6; stroke-linejoin: round; }
    .area { fill: var(--k); fill-opacity: .3; stroke: var(--k); stroke-width: 1; }
    .dot { fill: var(--k); }
    .box { fill: var(--k); fill-opacity: .75; }
    .dashed { stroke-dasharray: 6 3; }
    .dotted { stroke-dasharray: 1.5 2.5; }
    .dashDotted { stroke-dasharray: 7 2.5 1.5 2.5; }
    .thin { stroke-width: .7; }
    .pictures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem; }
    .pictures figure { width: 6.5rem; }
    .pictures img { width: 5.25rem; height: auto; image-rendering: pixelated; background: var(--panel); }
    .pictures figcaption { font-weight: 400; font-size: .75rem; line-height: 1.35; }
    .sheet img { max-width: 100%; height: auto; background: var(--panel); }
    details { margin: 1rem 0; font-size: .875rem; }
    summary { cursor: pointer; color: var(--soft); }
    pre { max-width: 100%; overflow-x: auto; padding: .75rem; background: var(--panel); font-size: .8125rem; line-height: 1.45; }

    """)
}
