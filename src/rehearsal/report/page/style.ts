/** Style of the HTML page. Colours keep a contrast of 4.5:1 on light and on dark; held and free differ in pattern, too. */
export const CSS = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1a1f29; --quiet: #5a6472; --line: #d5dae2;
  --t0: #1f5fbf; --t1: #8a3ea8; --t2: #0f6e63; --t3: #a2430f; --t4: #61610a; --t5: #a32960; --held-text: #ffffff; --free: #e9eef6; --free-text: #3a4657; --stripe: #cfd6e0;
  --good: #14692f; --good-back: #e3f4e8; --bad: #a3191b; --bad-back: #fcebea; --warn: #7a4b00; --code: #eef1f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151c; --card: #1a202a; --text: #e7ebf1; --quiet: #a0aab8; --line: #333d4b;
    --t0: #7db2ff; --t1: #d3a1ec; --t2: #6fd1c2; --t3: #ffb27d; --t4: #d9d56a; --t5: #ff9fc4; --held-text: #0b1524; --free: #242d3a; --free-text: #b6c1d0; --stripe: #3a4555;
    --good: #7fdc9a; --good-back: #14301f; --bad: #ff9d96; --bad-back: #3a1a1a; --warn: #f0c070; --code: #232b37;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { margin: 0; font-size: 26px; line-height: 1.2; }
h1 span { color: var(--quiet); font-weight: 400; }
header p { margin: 4px 0; color: var(--quiet); }
h2 { font-size: 18px; margin: 0 0 10px; }
h3 { font: 600 15px ui-monospace, monospace; margin: 14px 0 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 16px 0; }
p { margin: 4px 0 10px; }
.verdict { display: inline-block; font-weight: 600; padding: 6px 12px; border-radius: 8px; margin: 10px 0 0; }
.verdict.good { color: var(--good); background: var(--good-back); }
.verdict.partly { color: var(--warn); background: var(--code); }
.verdict.bad { color: var(--bad); background: var(--bad-back); }
.quiet { color: var(--quiet); font-size: 14px; }
.bad { color: var(--bad); font-weight: 600; }
.warn { color: var(--warn); font-weight: 600; }
.message { white-space: pre-wrap; overflow-wrap: anywhere; }
.message.mono { font: 13px/1.45 ui-monospace, monospace; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.figures dt { color: var(--quiet); font-size: 14px; }
.figures dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; color: var(--quiet); font-size: 14px; }
.key { width: 18px; height: 14px; border-radius: 3px; border: 1px solid var(--line); display: inline-block; }
.scroll { overflow-x: auto; }
.map { min-width: 620px; }
.gpu { display: grid; grid-template-columns: 58px 1fr; align-items: stretch; margin: 5px 0; }
.gpu h4 { margin: 0; align-self: center; font-size: 13px; font-weight: 600; color: var(--quiet); }
.gpu ul { display: grid; gap: 3px; list-style: none; margin: 0; padding: 0; }
.gpu li { border-radius: 5px; padding: 4px 7px; min-height: 44px; min-width: 0; overflow: hidden; border: 1px solid transparent; font-size: 13px; line-height: 1.35; }
.gpu li b, .gpu li span { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.gpu li b { font-weight: 600; }
.held { color: var(--held-text); }
.t0 { background: var(--t0); }
.t1 { background: var(--t1); }
.t2 { background: var(--t2); }
.t3 { background: var(--t3); }
.t4 { background: var(--t4); }
.t5 { background: var(--t5); }
.changed { outline: 3px solid var(--text); outline-offset: -3px; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.free { background: var(--free); color: var(--free-text); border-color: var(--line) !important; }
.unused { background: repeating-linear-gradient(45deg, var(--card) 0 6px, var(--stripe) 6px 7px); color: var(--quiet); border-color: var(--line) !important; }
table { border-collapse: collapse; min-width: 320px; font-size: 14px; }
th, td { text-align: left; padding: 5px 26px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 500; }
.number { font-variant-numeric: tabular-nums; text-align: right; }
.short { white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--code); border-radius: 6px; padding: 7px 10px; margin: 5px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
ul, ol { padding-left: 22px; margin: 6px 0; }
ol > li { margin: 0 0 12px; }
.findings li { margin-bottom: 8px; }
summary { cursor: pointer; color: var(--quiet); }
.beside { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 22px; }
.beside > div { min-width: 0; }
.beside .map { min-width: 470px; }
.beside .gpu { grid-template-columns: 46px 1fr; }
.beside .gpu ul { gap: 2px; }
.beside .gpu li { padding: 4px; font-size: 11px; }
.beside .gpu h4 { font-size: 12px; }
.when { color: var(--quiet); font-weight: 600; margin: 8px 0 0; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 24px; }
.charts figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
.chart { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--quiet); }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.t0 { stroke: var(--t0); background: none; }
.line.t1 { stroke: var(--t1); stroke-dasharray: 7 4; background: none; }
.line.t2 { stroke: var(--t2); stroke-dasharray: 2 3; background: none; }
.line.t3 { stroke: var(--t3); stroke-dasharray: 10 3 2 3; background: none; }
.sample { width: 34px; height: 10px; vertical-align: middle; }
li, td, th, h3 { unicode-bidi: isolate; }
:focus-visible { outline: 3px solid var(--t0); outline-offset: 2px; }
@media (max-width: 700px) {
  header, main { padding: 0 12px; }
  section { padding: 14px 12px; }
  th, td { padding-right: 14px; }
  .beside, .charts { grid-template-columns: 1fr; }
}
@media print {
  body { background: none; font-size: 12px; }
  header, main { max-width: none; padding: 0; }
  section, .figures div { border-color: #999; }
  .figures div, .gpu, tr, figure { break-inside: avoid; }
  h2, h3, h4, .when { break-after: avoid; }
  .gpu li, .key, .verdict { print-color-adjust: exact; }
  .scroll { overflow: visible; }
  .map, .beside .map, table { min-width: 0; }
  table { font-size: 10px; }
  th, td { padding: 3px 8px 3px 0; }
  .short { white-space: normal; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
