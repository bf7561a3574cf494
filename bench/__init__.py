"""Accuracy and speed of Gouji on committed, generated and real input: `python -m bench`."""
