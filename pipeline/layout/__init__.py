"""Orientation, skew, perspective, light, seals, and the lines of text of a page."""
