"""How the weights of the reader of figures are made: rendered strings, damaged as scans are, and a small network.

    pip install torch==2.13.0 onnx pillow opencv-python-headless
    python -m models.training --out models/figure_reader.onnx

Needs PyTorch, which the product does not, and the fonts that `fonts` lists; `--fonts` names other folders to look in. With its
defaults (seed 20, 18 files of 10,000 samples, each learnt from three times) it made the weights that are committed, in half an
hour on two cores. The same seed and fonts give the same samples; the weights' last digits depend on the processor, so weights
made elsewhere have another sha256 and about the same mistakes.
"""
