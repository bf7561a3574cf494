"""Show: one web page a document with what each step saw; the first thing to look at when a table comes out wrong."""

from pipeline.show.document import show_document

__all__ = ["show_document"]
