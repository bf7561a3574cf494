"""Pieces of self-contained web pages: no script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

_CSS = """
:root { color-scheme: light; --ink: #1c2330; --soft: #667085; --line: #d5dae3; --paper: #fff; --wash: #f6f7f9;
  --review: #fff1c2; --review-line: #c98a00; --bad: #b42318; --good: #12734a; --accent: #2f5fd0; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 1.6rem 1.4rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; line-height: 1.3; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; } p { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .88rem; } code { font: .86em ui-monospace, "DejaVu Sans Mono", monospace; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .82rem; font-weight: 600;
  background: var(--wash); border: 1px solid var(--line); }
.badge.accepted { color: var(--good); } .badge.review { color: #8a5a00; background: var(--review); }
.badge.failed { color: var(--bad); background: #fdeceb; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-size: .88rem; }
th, td { border: 1px solid var(--line); padding: .22rem .5rem; vertical-align: top; }
th { background: var(--wash); font-weight: 600; text-align: left; }
tbody th { font-weight: 400; min-width: 5rem; max-width: 26rem; } thead th { min-width: 3.6rem; }
th code { display: block; color: var(--soft); font-weight: 400; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } td.empty { color: var(--soft); }
td.flag { background: var(--review); box-shadow: inset 0 0 0 2px var(--review-line); }
td.wrong { color: var(--bad); font-weight: 700; text-decoration: underline dotted; text-underline-offset: .2em; }
sup.ref { color: #8a5a00; font-weight: 700; margin-left: .15rem; }
ol.reasons { margin: .3rem 0; padding-left: 1.4rem; font-size: .88rem; }
ul.findings { padding-left: 1.1rem; } li.error b { color: var(--bad); } li.note b { color: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { max-width: none; } .scroll { overflow: visible; } }
"""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def esc(value: object) -> str:
    """Returns `value` as text that is safe in an element and in a quoted attribute; control characters become `\ufffd`."""
    text = "" if value is None else str(value)
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return html.escape(_UNFIT.sub("\ufffd", clean))


def web_page(title: str, body: Iterable[str], css: str = "") -> str:
    """Returns a whole page that loads nothing and runs nothing; `body` is HTML, `title` plain text."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{esc(title)}</title>\n<style>{_CSS}{css}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def html_table(head: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "none") -> str:
    """Returns a plain table; every text is escaped. Where there are no rows, the word `empty`."""
    lines = ["<tr>" + "".join(f"<td>{esc(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    if not lines:
        return f'<p class="soft">{esc(empty)}</p>'
    return grid_html("".join(f"<th>{esc(name)}</th>" for name in head), lines)


def grid_html(head: str, rows: Iterable[str]) -> str:
    """Returns a table from the HTML of its head cells and of its rows."""
    body = "\n".join(rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
