"""Which tables of which family a document has: variants and places compete by score, and each record is used once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from pipeline.canon.fitting import Candidate, candidates, complete, failed_sums
from pipeline.canon.header import leaves
from pipeline.canon.labels import best_similarity, normalise
from pipeline.canon.matrices import build_matrix
from pipeline.canon.odd_sums import doubt_odd_sums
from pipeline.canon.records import Record, blocks_to_records
from pipeline.canon.resettle import resettle
from pipeline.canon.rows import is_cropped
from pipeline.canon.runs import regularise
from pipeline.canon.schema import Lane, Schema
from pipeline.canon.thousands import prints_marks
from pipeline.canon.under_heading import tables_between, tables_under_headings
from pipeline.config import Align
from pipeline.domain import CellRef, Finding, Matrix, Origin, Reading, TextBlock

_SECOND_FIT, _STRONG_FIT, _LAST_ROW = 0.75, 0.75, 0.75
# Formats whose scores are so near may change places once the rows that one of them lacks were looked for.
_NEAR = 0.5
# Of a table under most of its header so much less need be recognised.
_SOME_HEADER, _HEADED = 0.5, 0.6
# The header of a row that is certain to be its own names so many of its columns, which are at least so many.
_WHOLE_HEADER, _WIDE, _FEW_LOST = 0.75, 10, 2
# One sum or two that fail are printed so.
_FEW_SUMS = 2


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the families of a document are: matrices, what is absent, and what a person should know."""

    matrices: tuple[Matrix, ...]
    findings: tuple[Finding, ...]
    absent: tuple[str, ...]
    families: tuple[str, ...]


def recognise(reading: Reading, schemas: Sequence[Schema], origin: Origin, config: Align) -> Recognition:
    """Finds every table of every family in a document.

    Args:
        reading: the blocks of the document.
        schemas: the families to look for.
        origin: origin of the document's text.
        config: thresholds of acceptance.
    """
    records = blocks_to_records(reading.blocks, origin)
    for schema in schemas:
        records = _split_run_on(records, schema)
    records = regularise(records)
    pool = [c for s in schemas for c in _pool(records, s, config)]
    named = {s.family for s in schemas if _is_named(reading, s)}
    known = named | {c.table.family for c in pool if c.heading or c.fit >= _STRONG_FIT}
    chosen = _settle_ties(_choose([c for c in pool if c.table.family in known]), pool, config)
    for schema in schemas:
        if schema.family in known:
            chosen = _completed(records, schema, chosen, pool)
            chosen |= tables_under_headings(records, schema, chosen, _used(chosen))
            chosen |= tables_between(records, schema, chosen, _used(chosen))
    taken = _used(chosen)
    marks = prints_marks(t for r in records for t in r.items)
    matrices: list[Matrix] = []
    findings: list[Finding] = []
    absent: list[str] = []
    printed = frozenset(normalise(t.text) for r in records for t in r.labels)
    families: list[str] = []
    for schema in schemas:
        found = [chosen[schema.family, t] for t in schema.table_ids if (schema.family, t) in chosen]
        if not found and schema.family not in named:
            continue
        families.append(schema.family)
        own: list[Matrix] = []
        for best in found:
            seconds = _second_candidates(best, [c for c in pool if _same_table(c, best) and not c.used & taken])
            findings += [f for f, _ in seconds]
            second = next((d for _, d in seconds if d is not None), None)
            own.append(_to_matrix(best, pool, origin, config, second or _format_doubt(best, chosen), marks))
        matrices += own
        absent += _absent(schema, own, printed)
    return Recognition(tuple(matrices), tuple(findings), tuple(absent), tuple(families))


def _pool(records: Sequence[Record], schema: Schema, config: Align) -> list[Candidate]:
    """The candidates of all tables of a family; a row right under the whole header of its table is no row of another."""
    one_row = [c for t in schema.tables if t.layout == "one_row" for c in candidates(records, t, schema)]
    sure = {k for c in one_row if _is_sure(c) for k in c.used}
    others = [Record((), ()) if k in sure else r for k, r in enumerate(records)] if sure else records
    found = [c for t in schema.tables if t.layout != "one_row" for c in candidates(others, t, schema)]
    return [c for c in (*found, *one_row) if _is_acceptable(c, config)]


def _is_sure(candidate: Candidate) -> bool:
    """True for a row with a value for nearly each column below a header that names nearly all of them."""
    header, record = candidate.header, candidate.rows[0].record
    whole = record is not None and len(record.items) + _FEW_LOST >= len(header.texts) >= _WIDE
    return whole and candidate.heading and header.coverage >= _WHOLE_HEADER and not header.conflicts


def _is_acceptable(candidate: Candidate, config: Align) -> bool:
    """True where enough of a table was recognised: its rows, or under most of its header a part of them."""
    headed = candidate.heading and candidate.header.coverage >= _SOME_HEADER
    return candidate.score > 0 and candidate.fit >= config.table_accept * (_HEADED if headed else 1)


def _completed(
    records: Sequence[Record], schema: Schema, chosen: Mapping[tuple[str, str], Candidate], pool: Sequence[Candidate]
) -> dict[tuple[str, str], Candidate]:
    """Looks for rows that the grids of a scrape lack between their neighbours' records.

    A table that was found in two formats may turn out to be rather in the other one.
    """
    made = dict(chosen)
    for key, best in chosen.items():
        if best.table.family != schema.family or any(records[k].table >= 0 for k in best.used):
            continue
        others = frozenset().union(*(c.used for k, c in made.items() if k != key))
        rivals = [c for c in pool if _same_table(c, best) and c.table.variant != best.table.variant and not c.used & others]
        options = [best, *(r for r in rivals if r.score > best.score - _NEAR)]
        if any(c.table.layout == "grid" and any(r.placed is None for r in c.rows) for c in options):
            made[key] = max(_best_sums([_complete(c, records, schema, others) for c in options]), key=lambda c: c.score)
    return made


def _best_sums(options: Sequence[Candidate]) -> list[Candidate]:
    """The options but those whose columns do not add up where those of another do."""
    return [c for c in options if not any(_adds_up_better(other, c) for other in options)]


def _adds_up_better(a: Candidate, b: Candidate) -> bool:
    """True where clearly more sums fail in `b` than can fail in `a`, or in every column of `b` and none of `a`.

    A sum of rows that were not found may fail. Mistakes of the print are few.
    """
    (fails, may_fail), failed = failed_sums(a), failed_sums(b)[0]
    return failed > may_fail + _FEW_SUMS or (fails == 0 and failed >= len(leaves(b.table)) > _FEW_SUMS)


def _complete(candidate: Candidate, records: Sequence[Record], schema: Schema, others: frozenset[int]) -> Candidate:
    """Looks for lacking rows up to the records of the `others` before and behind it."""
    lacks = candidate.table.layout == "grid" and any(r.placed is None for r in candidate.rows)
    first, last = min(candidate.used), max(candidate.used)
    if not lacks or any(first < k < last for k in others):
        return candidate
    start = max((k + 1 for k in others if k < first), default=0)
    end = min((k for k in others if k > last), default=len(records))
    return complete(candidate, records[:end], start, schema)


def _used(chosen: Mapping[tuple[str, str], Candidate]) -> frozenset[int]:
    """Indices of the records that the chosen tables use."""
    return frozenset().union(*(c.used for c in chosen.values()))


def _choose(pool: Sequence[Candidate]) -> dict[tuple[str, str], Candidate]:
    """The place and variant of each table: the best first, each record used once, over all families."""
    chosen: dict[tuple[str, str], Candidate] = {}
    taken: set[int] = set()
    for candidate in sorted(pool, key=lambda c: -c.score):
        key = (candidate.table.family, candidate.table.table)
        if key not in chosen and not candidate.used & taken:
            chosen[key] = candidate
            taken |= candidate.used
    return chosen


def _settle_ties(
    chosen: dict[tuple[str, str], Candidate], pool: Sequence[Candidate], config: Align
) -> dict[tuple[str, str], Candidate]:
    """Where two variants fit alike, takes the better one; its cells stay in doubt all the same.

    That is the one whose columns add up where those of the other do not, the one with a place for more of the numbers, or that
    of the other tables of the group.
    """
    settled = dict(chosen)
    for key, best in chosen.items():
        votes = _votes(best, chosen)
        others = frozenset().union(*(c.used for k, c in settled.items() if k != key))
        rivals = [c for c in pool if _same_table(c, best) and c.table.variant != best.table.variant and not c.used & others]
        near = [c for c in rivals if best.used <= c.used and best.score - c.score < config.variant_margin]
        near += [c for c in rivals if best.score - c.score < _NEAR and _adds_up_better(c, best)]
        if near:
            least = _best_sums((best, *near))
            settled[key] = max(least, key=lambda c: (len(c.used), votes[c.table.variant]))
    return settled


def _same_table(a: Candidate, b: Candidate) -> bool:
    """True for candidates of one table, in whatever variant."""
    return (a.table.family, a.table.table) == (b.table.family, b.table.table)


def _to_matrix(
    best: Candidate, pool: Sequence[Candidate], origin: Origin, config: Align, doubt: str | None, marks: bool
) -> Matrix:
    """Makes the matrix of a chosen candidate, with its margin over the other variants at the same place."""
    rivals = [c for c in pool if _same_table(c, best) and c.table.variant != best.table.variant and c.used & best.used]
    margin = best.score - max((c.score for c in rivals), default=0.0)
    best = resettle(doubt_odd_sums(best))
    doubt = doubt or _table_doubt(best, rivals, margin, config)
    return build_matrix(best, margin, doubt, origin, _row_doubts(best, rivals), marks)


def _format_doubt(best: Candidate, chosen: Mapping[tuple[str, str], Candidate]) -> str | None:
    """Why the format of a table without a header is in doubt: the count alone says so, which a lost cell changes too."""
    votes = _votes(best, chosen)
    if best.header.found or not votes or votes[best.table.variant] == max(votes.values()):
        return None
    return f"no header names its format, and the tables beside it have that of {votes.most_common(1)[0][0]}"


def _votes(best: Candidate, chosen: Mapping[tuple[str, str], Candidate]) -> Counter[str]:
    """The formats of the other tables of its group."""
    own = (best.table.family, best.table.table)
    return Counter(
        c.table.variant for k, c in chosen.items() if k != own and c.table.family == own[0] and c.table.group == best.table.group
    )


def _row_doubts(best: Candidate, rivals: Sequence[Candidate]) -> dict[str, str]:
    """Rows that another format lacks, where that format has a place for numbers that this one leaves over."""
    doubts: dict[str, str] = {}
    for rival in rivals:
        left_over = [k for k in rival.used - best.used if min(best.used) < k < max(best.used)]
        if left_over and rival.fit >= _STRONG_FIT:
            text = f"in the format {rival.table.variant} numbers find a place that {best.table.variant} leaves over"
            keys = {r.key for r in rival.table.rows}
            doubts |= {r.key: text for r in best.table.rows if r.key not in keys}
    return doubts


def _is_named(reading: Reading, schema: Schema) -> bool:
    """True where the document calls itself a document of this family."""
    texts = [reading.title or "", *(b.text for b in reading.blocks if isinstance(b, TextBlock))]
    signs = [normalise(s) for s in schema.signs]
    return any(sign in normalise(text) for text in texts for sign in signs)


def _split_run_on(records: Sequence[Record], schema: Schema) -> list[Record]:
    """Cuts a run of numbers that is the last row of one table and the single row of the next, its header lost.

    Of a run with blank cells that is certain only where its label is that of a last row, and a bare line ends the stream.
    """
    pairs = [
        (g, len(g.columns), len(leaves(o)))
        for g in schema.tables
        for o in schema.tables
        if g.layout == "grid" and o.layout == "one_row" and len(leaves(o)) % len(g.columns)
    ]
    made: list[Record] = []
    for record, after in zip_longest(records, records[1:]):
        run = bool(record.items) and all(t.line < 0 and t.table < 0 for t in record.items)
        sizes = {(a, b) for _, a, b in pairs if run and a + b == len(record.items)}
        cut = next(iter(sizes))[0] if len(sizes) == 1 else 0
        if cut and any(t.delimited and not t.is_filled for t in record.items):
            ends = after is None or not all(t.delimited for t in after.labels)
            last = {g.rows[-1] for g, a, _ in pairs if a == cut}
            named = any(_is_named_as(text, lane) for text in record.own_texts for lane in last)
            # Blanks alone are no figures that ran over, but more of them than any row is padded with.
            cut = cut if ends and named and (not record.is_filled or any(t.is_filled for t in record.items[cut:])) else 0
        if cut:
            made += [replace(record, items=record.items[:cut]), Record((), record.items[cut:], split=True)]
        else:
            made.append(record)
    return made


def _is_named_as(text: str, lane: Lane) -> bool:
    """True for the label of a row, and for the beginning of one."""
    return best_similarity(text, lane.labels) >= _LAST_ROW or is_cropped(text, lane)


def _table_doubt(best: Candidate, rivals: Sequence[Candidate], margin: float, config: Align) -> str | None:
    """Why a table as a whole is in doubt: its format, or that it is this table at all."""
    if rivals and margin < config.variant_margin:
        return f"its format may be {best.table.variant} or {rivals[0].table.variant}"
    named = [r for r in rivals if r.header.score > best.header.score + config.variant_margin]
    if named:
        return f"its header is rather that of the format {named[0].table.variant}"
    if not best.heading and (len(best.table.rows) <= 2 or best.table.layout == "one_row"):
        return "neither heading nor header says that it is this table"
    return None


def _second_candidates(best: Candidate, others: Sequence[Candidate]) -> list[tuple[Finding, str | None]]:
    """Reports other places of the document that hold the same table again, and the doubt where their values differ."""
    found: list[tuple[Finding, str | None]] = []
    for other in others:
        if other.fit < _SECOND_FIT or not other.heading or other.table.variant != best.table.variant:
            continue
        same = _values(best) == _values(other)
        refs = tuple(CellRef("", best.table.table, r.key, c.key) for r in best.table.rows[:1] for c in best.table.columns[:1])
        text = f"{best.table.table} stands a second time in the document, with {'the same' if same else 'other'} values"
        found.append((Finding("second_candidate", "undecided", "note", text, refs), None if same else text))
    return found


def _values(candidate: Candidate) -> list[object]:
    """All values of a candidate in order, for comparison."""
    return [t.value if t is not None else None for r in candidate.rows if r.placed is not None for t in r.placed.tokens]


def _absent(schema: Schema, found: Sequence[Matrix], printed: frozenset[str]) -> list[str]:
    """Tables that were not found: those of the variant in use, and those whose own heading is printed.

    The variant is that of the first group with a matrix (for the disclosure reports: of `art20`, else of `requests`);
    a table without that variant is expected in the only one it has.
    """
    have = {m.table for m in found}
    groups: dict[str, list[str]] = {}
    for table in schema.tables:
        groups.setdefault(table.group, []).append(table.table)
    variant = None
    for members in groups.values():
        votes = Counter(m.variant for m in found if m.table in members)
        if votes and len({t.variant for t in schema.tables if t.table in members}) > 1:
            variant = votes.most_common(1)[0][0]
            break
    expected = []
    for table_id in schema.table_ids:
        variants = [t.variant for t in schema.variants_of(table_id)]
        if table_id in schema.optional:
            continue
        headings = {normalise(h) for t in schema.variants_of(table_id) for h in t.headings}
        alone = len(variants) == 1 and len(groups[schema.variants_of(table_id)[0].group]) == 1
        if alone or variant in variants or (variant is None and len(variants) > 1) or headings & printed:
            expected.append(table_id)
    return [t for t in expected if t not in have]
