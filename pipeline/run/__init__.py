"""Run: the order of the stages; the only writer of results."""
