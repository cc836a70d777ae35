/** The page's only style sheet. Colours keep a contrast of 4.5:1 or more for text, in light and in dark. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --card: #f6f8fa; --ink: #1f2328; --soft: #57606a; --line: #d0d7de;
  --healthy: #1a7f37; --degraded: #8a5a00; --failed: #c01c28; --disabled: #57606a; --curve: #0550ae; --curve-2: #8250df; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --card: #161b22; --ink: #e6edf3; --soft: #9da7b3;
  --line: #30363d; --healthy: #3fb950; --degraded: #d9a21b; --failed: #ff7b72; --disabled: #9da7b3; --curve: #79c0ff;
  --curve-2: #d2a8ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
main, header, footer { max-width: 64rem; margin: 0 auto; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0; }
.soft, footer { color: var(--soft); font-size: .9rem; }
.card { background: var(--card); border: 1px solid var(--line); border-left: .4rem solid var(--tone); border-radius: .5rem;
  padding: 1rem; margin: 1rem 0; }
.healthy, .pass { --tone: var(--healthy); } .degraded, .warn { --tone: var(--degraded); }
.failed, .fail { --tone: var(--failed); } .disabled, .skip { --tone: var(--disabled); }
.verdict { color: var(--tone); }
.impact { font-weight: 600; }
.checks, .figures, .words { list-style: none; margin: .75rem 0 0; padding: 0; }
.checks li { display: grid; grid-template-columns: 4.25rem 9rem 1fr; gap: 0 .5rem; padding: .35rem 0; border-top: 1px solid var(--line); }
.checks .mark { color: var(--tone); font-weight: 700; white-space: nowrap; }
.checks .hint { grid-column: 3; }
.hint code { display: inline-block; max-width: 100%; padding: 0 .3rem; border: 1px solid var(--line); border-radius: .25rem;
  background: var(--paper); font: .9em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.checks .code { color: var(--tone); font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.figures div { min-width: 7rem; } .figures dt { color: var(--soft); font-size: .85rem; } .figures dd { margin: 0; font-weight: 600; }
.charts { display: grid; margin-top: .5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 2rem; align-items: start; }
figure { margin: 0; min-width: 0; } figcaption { font-size: .9rem; }
figcaption strong { display: block; font-size: 1rem; }
.chart { display: block; width: 100%; height: auto; overflow: visible; font-size: 12px; color: var(--soft); }
.chart .curve { fill: none; stroke: var(--curve); stroke-width: 2; } .chart .curve.second { stroke: var(--curve-2); stroke-dasharray: 5 3; }
.chart .dot { fill: var(--curve); stroke: none; } .chart .dot.second { fill: var(--curve-2); }
.chart .limit { stroke: var(--failed); stroke-width: 1.5; stroke-dasharray: 2 4; } .chart .limit-label { fill: var(--failed); stroke: var(--card); stroke-width: 4; paint-order: stroke; }
.chart .grid { stroke: var(--line); stroke-opacity: 1; }
.chart .bar { fill: var(--tone); } .chart .failed-span { fill: var(--failed); fill-opacity: .18; } .chart .gap-span { fill: var(--soft); fill-opacity: .2; }
.functions { border-collapse: collapse; font-size: .95rem; }
.functions th, .functions td { padding: .3rem 1.25rem .3rem 0; border-top: 1px solid var(--line); text-align: right; white-space: nowrap; }
.functions th { border-top: 0; color: var(--soft); font-size: .85rem; }
.functions th:first-child, .functions td:first-child { text-align: left; white-space: normal; min-width: 8rem; }
details summary { color: var(--soft); cursor: pointer; }
@media (max-width: 40rem) { body { padding: .75rem; } .chart { font-size: 15px; }
  .functions, .functions tbody, .functions tr, .functions td { display: block; } .functions thead { display: none; }
  .functions tr { padding: .35rem 0; border-top: 1px solid var(--line); } .functions td:first-child { font-weight: 600; }
  .functions td, .functions td:first-child { padding: 0; border: 0; text-align: left; }
  .functions td:nth-child(n+2)::before { content: attr(data-column) ": "; color: var(--soft); } .checks li { grid-template-columns: 4.25rem 1fr; } .checks .title { font-weight: 600; }
  .checks li > :nth-child(n+3) { grid-column: 2; } .checks li > .hint { grid-column: 1 / -1; } }
@media print { .card { break-inside: avoid; } }
`.trim();
