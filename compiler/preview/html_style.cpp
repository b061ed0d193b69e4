#include "compiler/preview/html_parts.hpp"

namespace cairn::compiler {

std::string_view html_style() {
    return R"css(
:root { color-scheme: light dark;
  --paper: #fff; --panel: #f6f7f9; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de;
  --link: #0550ae; --code: #f3f4f6; --step: #0969da; --check: #1a7f37; --mark: #8250df; --outside: #6e5a00;
  --bad: #b31d28; --bad-paper: #ffebe9; --warn: #7d4e00; --warn-paper: #fff4d6; --warn-line: #bf8700; --good: #116329; }
@media screen and (prefers-color-scheme: dark) { :root {
  --paper: #0f1318; --panel: #171c23; --ink: #e6e9ed; --quiet: #a3adb8; --line: #38414c;
  --link: #79b8ff; --code: #1c222b; --step: #58a6ff; --check: #56d364; --mark: #c8a5ff; --outside: #d9c26a;
  --bad: #ff9d96; --bad-paper: #3a1618; --warn: #f2cc60; --warn-paper: #33270a; --warn-line: #bb8009; --good: #7ee787; } }
@media print { :root { color-scheme: light; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
code, pre, .mono { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100vw; padding: .5rem 1rem; background: var(--paper); z-index: 2; }
.skip:focus { left: .5rem; top: .5rem; }
header, main, footer { padding: 0 1.5rem; max-width: 110rem; margin: 0 auto; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
h3 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet); margin: 1rem 0 .35rem; }
.subtitle { font-size: 1.1rem; color: var(--quiet); margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
ul.plain { list-style: none; padding: 0; margin: 0; }
.hazards { background: var(--warn-paper); border: 1px solid var(--warn-line); border-radius: 8px; padding: .75rem 1rem; margin-top: 1.25rem; }
.hazards h2 { margin: 0 0 .4rem; color: var(--warn); }
.hazards ul { max-height: 24rem; overflow: auto; }
.hazards li { padding: .15rem 0; overflow-wrap: anywhere; }
.beside { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 2rem; align-items: start; }
.picture { overflow: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.beside nav { position: sticky; top: 1rem; width: min-content; min-width: 16rem; }
.beside .picture { max-width: 38vw; }
.items:focus { outline: none; }
.beside .picture { max-height: calc(100vh - 6rem); }
.above .picture { max-height: 75vh; }
svg.graph { display: block; margin: 0 auto; }
.graph text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink); }
.graph .name { font-size: 12.5px; font-weight: 600; } .graph .does { font-size: 10.5px; fill: var(--quiet); }
.graph .badge { font-size: 12px; font-weight: 700; fill: var(--warn); text-anchor: end; }
.graph .edge { fill: none; stroke: var(--quiet); stroke-width: 1.4; stroke-linejoin: round; } .graph marker path { fill: var(--quiet); }
.graph .group rect { fill: none; stroke: var(--quiet); stroke-dasharray: 5 4; }
.graph .group text { font-size: 10px; fill: var(--quiet); }
.graph .node rect { fill: var(--paper); stroke: var(--line); stroke-width: 1.2; }
.graph .node:hover rect { stroke: var(--link); }
.graph .node:focus-visible { outline: none; } .graph .node:focus-visible rect { stroke: var(--link); stroke-width: 3; }
.graph .hazardous rect { fill: var(--warn-paper); stroke: var(--warn-line); }
.stripe { stroke: var(--quiet); stroke-width: 3; stroke-linecap: round; }
.step .stripe { stroke: var(--step); } .gate .stripe, .validate .stripe { stroke: var(--check); } .run .stripe, .wait .stripe { stroke: var(--outside); }
.graph .checkpoint rect { stroke: var(--mark); stroke-dasharray: 4 3; } .graph .no-return rect { fill: var(--bad-paper); stroke: var(--bad); stroke-width: 2; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .8rem; color: var(--quiet); margin: .4rem 0 0; padding: 0; list-style: none; }
.key span { display: inline-block; width: .3rem; height: .8rem; border-radius: 2px; margin-right: .35rem; vertical-align: -1px; }
.all { display: inline-block; margin: 0 0 .5rem; cursor: pointer; }
.item { border: 1px solid var(--line); border-left: 4px solid var(--quiet); border-radius: 6px; margin: .4rem 0; background: var(--paper); }
.item.step { border-left-color: var(--step); } .item.gate, .item.validate { border-left-color: var(--check); } .item.run, .item.wait { border-left-color: var(--outside); }
.item.checkpoint { border-left-color: var(--mark); } .item.no-return { border-left-color: var(--bad); background: var(--bad-paper); }
.item:has(:target) { box-shadow: 0 0 0 2px var(--link); }
summary { padding: .5rem .8rem; cursor: pointer; }
summary:hover { background: var(--panel); }
summary .number { color: var(--quiet); display: inline-block; min-width: 1.8rem; }
summary .name { font-weight: 650; }
summary .does { color: var(--quiet); display: block; padding-left: 3.05rem; font-size: .9em; overflow-wrap: anywhere; }
.chip { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; margin-left: .3rem; font-size: .78rem; color: var(--quiet); overflow-wrap: anywhere; }
.chip.strong { color: var(--ink); border-color: var(--quiet); }
.chip.warn { color: var(--warn); border-color: var(--warn-line); background: var(--warn-paper); font-weight: 600; } .chip.bad { color: var(--bad); border-color: var(--bad); background: var(--bad-paper); font-weight: 600; }
.inside { padding: 0 1rem 1rem 1.2rem; border-top: 1px solid var(--line); scroll-margin-top: 5rem; }
pre { background: var(--code); border-radius: 6px; padding: .6rem .8rem; margin: .35rem 0; white-space: pre-wrap; }
.under { margin: 0 0 .7rem .8rem; font-size: .9em; } .under li { overflow-wrap: anywhere; }
.strong-lock { font-weight: 650; } .hazard { color: var(--warn); } .hazard b { font-weight: 700; }
.quiet { color: var(--quiet); } .good { color: var(--good); } .caution { color: var(--warn); } .bad { color: var(--bad); font-weight: 650; }
.transaction { border: 1.5px dashed var(--quiet); border-radius: 8px; padding: .1rem .6rem .3rem; margin: .7rem 0; }
.transaction > p { margin: .3rem 0; font-size: .85rem; color: var(--quiet); }
.items:has(#all:checked) details::details-content { content-visibility: visible; block-size: auto; }
footer { color: var(--quiet); font-size: .85rem; padding-bottom: 2rem; margin-top: 2rem; }
@media (max-width: 62rem) { .beside { display: block; } .beside nav { position: static; width: auto; } .beside .picture { max-width: none; max-height: 60vh; } }
@media print {
  body { font-size: 10.5pt; } header, main, footer { padding: 0; max-width: none; }
  .skip, .all { display: none; } .hazards ul { max-height: none; } .beside { display: block; } .beside nav { position: static; width: auto; } .beside .picture { max-width: none; }
  .picture { overflow: visible; max-height: none !important; border: 0; background: none; } svg.graph { max-width: 100%; height: auto; break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { list-style: none; break-after: avoid; } h2, h3 { break-after: avoid; } .under { break-before: avoid; }
  * { print-color-adjust: exact; }
}
)css";
}

}  // namespace cairn::compiler
