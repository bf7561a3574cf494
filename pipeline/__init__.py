"""Gouji: rebuilds canonical matrices from the tables of disclosure reports."""

__version__ = "0.1.0"
