"""The style of the pages that `gouji show` writes, on top of that of the store's pages."""

from __future__ import annotations

CSS = """
nav { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); padding: .5rem 0; z-index: 2; }
nav a { margin-right: 1.1rem; font-size: .9rem; }
section { scroll-margin-top: 3rem; }
.sheet { display: block; width: 100%; height: auto; border: 1px solid var(--line); background: #fff; margin: .4rem 0 1.2rem; }
.layers label { margin-right: .9rem; font-size: .85rem; cursor: pointer; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; vertical-align: -.08rem;
  margin: 0 .25rem 0 .1rem; }
.on-picture:not(:checked) ~ .sheet .picture, .on-words:not(:checked) ~ .sheet .words,
.on-rulings:not(:checked) ~ .sheet .rulings, .on-cells:not(:checked) ~ .sheet .cells,
.on-matrix:not(:checked) ~ .sheet .matrix { display: none; }
.picture { opacity: .62; }
.words :is(rect, polygon) { fill: none; stroke: #8a94a6; stroke-width: .35; } .words rect.turned { stroke: #a020c0; }
.rulings line { stroke: #e0218a; stroke-width: .7; }
.cells :is(rect, polygon) { fill: #2f5fd0; fill-opacity: .05; stroke: #2f5fd0; stroke-width: .9; }
.cells :is(rect, polygon).doubt { fill: #c98a00; fill-opacity: .22; stroke: #c98a00; }
.cells text { font: 600 6px ui-monospace, monospace; fill: #2f5fd0; paint-order: stroke; stroke: #fff; stroke-width: 1.6px; }
.cells text.name { font-size: 7px; } .matrix :is(rect, polygon) { fill: #12a05c; fill-opacity: .2; stroke: none; }
.matrix :is(rect, polygon).flag { fill: #f59e0b; fill-opacity: .45; stroke: #b45309; stroke-width: .6; }
svg :is(rect, polygon):hover { fill-opacity: .45; }
.source { border: 1px solid var(--line); border-radius: .3rem; padding: .7rem .9rem; font-size: .88rem; line-height: 1.65;
  max-height: 46rem; overflow: auto; }
.source mark { padding: 0 .15rem; border-radius: .18rem; color: inherit; } .source .heading { font-weight: 700; }
.source .chrome { color: var(--soft); } .source mark.flag { outline: 2px solid var(--review-line); }
.source mark sub { font-size: .62rem; color: #475467; margin-left: .15rem; }
.grid td { white-space: pre-wrap; max-width: 22rem; } .grid td.doubt { background: var(--review); }
.grid th.no { color: var(--soft); font-weight: 400; text-align: center; }
.bar { display: inline-block; width: 4.2rem; height: .5rem; background: var(--line); border-radius: .3rem; vertical-align: middle;
  margin-right: .4rem; overflow: hidden; } .bar i { display: block; height: 100%; background: var(--good); }
.bar.low i { background: #d97706; } td.sure { color: var(--good); } td.unsure { background: var(--review); }
details { margin: .5rem 0; } summary { cursor: pointer; font-weight: 600; font-size: .93rem; }
td:has(.bar) { white-space: nowrap; }
a.why-link { color: inherit; display: block; } a.why-link:hover { background: #e6edfb; text-decoration: none; }
td:has(> a.why-link) { white-space: nowrap; } td:has(> sup.ref) a.why-link { display: inline; }
.why { display: none; } .why:target { display: block; position: fixed; right: 1rem; bottom: 1rem; z-index: 5;
  width: min(34rem, calc(100vw - 2rem)); max-height: calc(100vh - 2rem); overflow: auto; background: var(--paper);
  border: 1px solid var(--line); border-top: .3rem solid var(--good); border-radius: .4rem; padding: .8rem 1.1rem 1rem;
  box-shadow: 0 .6rem 2rem rgb(16 24 40 / 28%); font-size: .9rem; }
.why.flag { border-top-color: var(--review-line); } .why h3 { margin: 0 1.6rem .1rem 0; }
.why h4 { margin: .7rem 0 .1rem; font-size: .85rem; color: var(--soft); } .why ul { margin: 0; padding-left: 1.1rem; }
.why .close { position: sticky; top: 0; float: right; font-size: 1.4rem; line-height: 1; padding: .1rem .3rem; }
.why .verdict { font-weight: 600; } .why .crop { display: block; width: 100%; max-height: 11rem; background: #fff;
  border: 1px solid var(--line); } .crop polygon { fill: none; stroke: #2f5fd0; stroke-width: .8; }
@media print { nav, .layers { display: none; } .source { max-height: none; } }
"""
