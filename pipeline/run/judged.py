"""A reading → what is believed of it: tables recognised, sums asked, the text of the report held against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.canon.facts import document_facts
from pipeline.canon.family import Recognition
from pipeline.canon.schema import Schema
from pipeline.check.narrative import NarrativeCheck, check_narrative
from pipeline.domain import DocumentFacts, Finding, Reading
from pipeline.run.settling import settle_matrices


@dataclass(frozen=True, slots=True)
class Judged:
    """What is believed of one reading of a document.

    Attributes:
        reading: the blocks.
        raw: as recognised; `found`: with the matrices that the sums have settled.
        facts: what the document, or its manifest, says of itself.
        unequal: findings of the sums.
        narrative: what the text of the report says of the figures.
    """

    reading: Reading
    raw: Recognition
    found: Recognition
    facts: DocumentFacts
    unequal: tuple[Finding, ...]
    narrative: NarrativeCheck


def judge(reading: Reading, raw: Recognition, families: Sequence[Schema], manifest: DocumentFacts | None) -> Judged:
    """Asks the sums and the text of a report about its tables.

    Args:
        reading: the blocks of the document.
        raw: its tables as they were recognised.
        families: the schemas.
        manifest: facts that override what the document says of itself.
    """
    facts = _merge(document_facts(reading), manifest)
    narrative = check_narrative(reading.blocks, raw.matrices, facts)
    matrices, unequal = settle_matrices(raw.matrices, families, narrative.vouched, narrative.contradicted)
    if matrices != raw.matrices:
        # The figures of the text are held against what the sums have settled.
        narrative = check_narrative(reading.blocks, matrices, facts)
    return Judged(reading, raw, replace(raw, matrices=matrices), facts, tuple(unequal), narrative)


def _merge(printed: DocumentFacts, manifest: DocumentFacts | None) -> DocumentFacts:
    """What the manifest says goes before what the document says of itself."""
    if manifest is None:
        return printed
    return DocumentFacts(
        manifest.issuer or printed.issuer,
        manifest.year or printed.year,
        manifest.region_code or printed.region_code,
        manifest.url or printed.url,
    )
