"""Modules that every worker of a run with more than text needs: loaded once, before the workers are made."""

import pipeline.intake.html
import pipeline.run.pdf
import pipeline.run.pictures
import pipeline.run.worker  # noqa: F401
