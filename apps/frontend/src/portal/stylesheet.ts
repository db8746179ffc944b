/** The portal's only stylesheet. Colours follow the browser's light or dark preference. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ink: #182230; --soft: #556070; --faint: #e3e7ee; --edge: #808b9d; --paper: #fff; --ground: #f4f6fa; --tint: #eef3ff;
  --brand: #2447b8; --brand-ink: #fff; --brand-soft: #3b63e0;
  --good: #146c3c; --good-tint: #e2f5e9; --bad: #a3221c; --bad-tint: #fdeaea; --quiet-tint: #eceff4;
  --shadow: 0 1px 2px rgb(16 24 40 / 6%), 0 4px 16px rgb(16 24 40 / 6%);
  --radius: 14px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7ebf2; --soft: #a1acbd; --faint: #2e3644; --edge: #667286; --paper: #1a202b; --ground: #11151c; --tint: #1f2a44;
    --brand: #7f9cf5; --brand-ink: #0e1524; --brand-soft: #9db3f8;
    --good: #7fd6a2; --good-tint: #14301f; --bad: #ff9d96; --bad-tint: #3a1b1b; --quiet-tint: #262d39;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  color: var(--ink); background: var(--ground);
}
a { color: var(--brand); text-underline-offset: .18em; }
h1, h2 { line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.6rem, 4vw, 2.1rem); }
h2 { margin: 0; font-size: 1.15rem; }
p { margin: 0 0 1rem; }
.announcement { padding: .75rem 1rem; border-radius: var(--radius); background: var(--tint); }
code { font: .86em/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
:focus-visible { outline: 3px solid var(--brand-soft); outline-offset: 2px; border-radius: 6px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem 1rem; background: var(--paper); z-index: 2; }

.bar { background: var(--paper); border-bottom: 1px solid var(--faint); }
.bar > div { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding-block: .75rem; }
.wide { width: 100%; max-width: 68rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2rem); }
.brand { display: inline-flex; align-items: center; gap: .6rem; color: inherit; font-weight: 650; text-decoration: none; }
.brand svg { width: 1.9rem; height: 1.9rem; color: var(--brand); flex: none; }
.person { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: .4rem .75rem; margin-left: auto; }
.person form { display: contents; }
main { flex: 1; padding-block: clamp(1.5rem, 5vw, 3rem); }
footer { padding-block: 1.25rem 2rem; color: var(--soft); font-size: .875rem; }
footer > div { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; justify-content: space-between; }

.card { background: var(--paper); border: 1px solid var(--faint); border-radius: var(--radius); box-shadow: var(--shadow); }
.card > header { padding: 1.25rem 1.5rem 0; }
.card > header p { margin: .3rem 0 0; color: var(--soft); font-size: .94rem; }
.card > .body { padding: 1.25rem 1.5rem 1.5rem; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; align-items: start; }
@media (min-width: 60rem) { .columns.even { grid-template-columns: minmax(0, 1fr) minmax(20rem, 26rem); } }
@media (min-width: 60rem) { .columns:not(.even) { grid-template-columns: minmax(20rem, 25rem) minmax(0, 1fr); } }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; }
.stack:empty { display: none; }
.lead { color: var(--soft); font-size: 1.06rem; max-width: 44rem; margin-bottom: 1.75rem; }

.button {
  display: inline-flex; align-items: center; justify-content: center; gap: .5rem; padding: .65rem 1.2rem; cursor: pointer;
  font: inherit; font-weight: 600; text-decoration: none; border: 1px solid transparent; border-radius: 10px;
  color: var(--brand-ink); background: var(--brand);
}
.button:hover { background: var(--brand-soft); }
.button.quiet { color: inherit; background: transparent; border-color: var(--faint); padding: .35rem .8rem; font-size: .92rem; }
.button.quiet:hover { background: var(--quiet-tint); }
.button.full { width: 100%; }
.button.danger { color: var(--bad); background: transparent; border-color: var(--bad); }
.button.danger:hover { background: var(--bad-tint); }
.button svg { width: 1.15em; height: 1.15em; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
.actions .button.quiet { padding: .65rem 1.2rem; font-size: 1rem; }

fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; min-width: 0; }
legend, .label { padding: 0; margin-bottom: .5rem; font-weight: 600; font-size: .94rem; display: block; }
.hint { color: var(--soft); font-size: .88rem; font-weight: 400; }
.below { margin: .75rem 0 0; }
.abilities { margin: 0 0 1rem; padding-left: 1.1rem; }
.abilities li { margin-bottom: .4rem; }
.abilities .hint { display: block; }
.option {
  display: grid; grid-template-columns: auto 1fr; gap: .1rem .75rem; padding: .75rem .9rem; margin-bottom: .5rem; cursor: pointer;
  border: 1px solid var(--faint); border-radius: 10px;
}
.option:hover { border-color: var(--brand-soft); }
.option:has(:checked) { background: var(--tint); border-color: var(--brand); }
.option input { grid-row: span 2; width: 1.1rem; height: 1.1rem; margin: .2rem 0 0; accent-color: var(--brand); }
.option .hint { grid-column: 2; }
.field { display: block; margin-bottom: 1.25rem; }
.field input, .field select {
  display: block; width: 100%; padding: .6rem .8rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--edge); border-radius: 10px;
}

.chip { display: inline-block; padding: .1rem .6rem; border-radius: 99px; font-size: .8rem; font-weight: 600; white-space: nowrap; background: var(--quiet-tint); }
.chip.good { color: var(--good); background: var(--good-tint); }
.chip.bad { color: var(--bad); background: var(--bad-tint); }
.chip.role { color: var(--brand); background: var(--tint); }
.scroll { overflow-x: auto; margin-top: .75rem; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
th { text-align: left; font-size: .78rem; font-weight: 600; text-transform: uppercase; letter-spacing: .05em; color: var(--soft); white-space: nowrap; }
th, td { padding: .7rem .75rem; border-bottom: 1px solid var(--faint); vertical-align: top; }
th:first-child, td:first-child { padding-left: 1.5rem; }
th:last-child, td:last-child { padding-right: 1.5rem; }
tbody tr:last-child td { border-bottom: 0; }
td .hint { display: block; overflow-wrap: anywhere; }
td code { overflow-wrap: anywhere; }
time { white-space: nowrap; }
@media (max-width: 40rem) {
  thead { position: absolute; left: -999px; }
  table, tbody, tr, td { display: block; }
  tr { padding: .9rem 1.5rem; border-bottom: 1px solid var(--faint); }
  tbody tr:last-child { border-bottom: 0; }
  th, td, td:first-child, td:last-child { padding: .15rem 0; border-bottom: 0; }
  td[data-label] { display: flex; justify-content: space-between; gap: 1rem; }
  td[data-label]::before { content: attr(data-label); color: var(--soft); font-size: .88rem; }
}
.problem { color: var(--bad); font-weight: 600; }
.field .hint { display: block; margin-top: .35rem; }
.warning { border-color: var(--bad); }
.warning h2 { margin-bottom: .5rem; color: var(--bad); }
.warning p { margin: 0; }
.empty { padding: 2rem 1.5rem 2.25rem; text-align: center; color: var(--soft); }
.empty svg { width: 2.5rem; height: 2.5rem; opacity: .5; }
.empty p { margin: .5rem 0 0; }

.hero { max-width: 46rem; margin: clamp(1rem, 6vw, 4rem) auto; text-align: center; }
.hero h1 { font-size: clamp(2rem, 6vw, 3rem); }
.hero .lead { margin-inline: auto; }
.hero .actions { justify-content: center; }
.points { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); margin: 0; padding: 0; list-style: none; }
.points li { padding: 1.25rem 1.5rem; }
.points svg { width: 1.6rem; height: 1.6rem; color: var(--brand); }
.points h2 { margin: .5rem 0 .3rem; font-size: 1.02rem; }
.points p { margin: 0; color: var(--soft); font-size: .93rem; }
.notice { max-width: 36rem; margin: clamp(1rem, 6vw, 4rem) auto; }
.notice .body { padding: 2rem; }
.notice h1 { margin-bottom: 1rem; font-size: 1.45rem; }
.notice .actions { margin-top: 1.5rem; }
.reference { margin: 1.5rem 0 0; }
.facts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .35rem 1.25rem; margin: 0 0 1.5rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts time { white-space: normal; }
`;
