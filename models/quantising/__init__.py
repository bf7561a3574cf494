"""How the recogniser in eight bits is made from the one in the wheel: no training, only rounding.

    pip install onnx
    python -m models.quantising --out models/recognise_quick.onnx

Its convolutions of one pixel, which are three quarters of the work, the wider ones and the last layer take whole numbers: the
inputs of eight bits, the weights of seven, so that sums of two products stay within sixteen bits on processors that add so. The
first layer, those of each channel alone, attention and all else stay as they were. It is written in two parts: all but the last
layer, and that layer (`recognise_quick_last.onnx`), which is asked only for columns that may hold ink. The ranges of the inputs,
and which inks are common, are those that crops of the tuning scans have, drawn with a seed among all that the pipeline cuts
today: a later run measures slightly other ranges, and another processor may differ in the last digit of a scale. So the manifest
names the two files by their bytes, and new ones are measured with the bench before they take their place.
"""
