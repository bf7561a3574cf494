"""Intake: identify, guard and open a source; the result is pages, blocks or tables of the domain."""
