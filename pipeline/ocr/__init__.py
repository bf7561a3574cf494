"""Words from pixels: engines, readings and their probabilities."""
