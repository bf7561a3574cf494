"""Makes the picture of a scan in the README from the page that `gouji show` writes. Needs Chromium; run from the root."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
SCAN = ROOT / "fixtures" / "scans" / "photo.jpg"
TARGET = Path(__file__).resolve().parent / "scan-and-matrix.jpg"
WIDTH, HEIGHT = 1500, 1010
# The page as it is, its picture on the left and its matrices on the right; lists of labels and words are left out.
CSS = """body{max-width:none!important;margin:0!important;padding:14px!important;background:#fff!important;
display:grid!important;grid-template-columns:740px 1fr;gap:24px;align-items:start}
nav,#findings,#tables,details,.layers label,.layers input,body>:not(section),section>h2:first-child,h3{display:none!important}
#source{grid-column:1;grid-row:1;margin:0}#matrices{grid-column:2;grid-row:1;margin:0;zoom:.7}
#matrices h2{margin:.5rem 0 .2rem}tbody th code{display:inline!important;margin-left:.5rem}th,td{padding:.1rem .5rem!important}
.sheet{margin:0!important}.picture{opacity:.9!important}.words{display:none}"""


def main() -> None:
    """Writes the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = Path(sys.executable).with_name("gouji")
        done = subprocess.run([command, "show", SCAN, "--out", folder], check=True, capture_output=True, text=True)
        page = Path(done.stdout.splitlines()[0])
        styled = page.read_text(encoding="utf8").replace("</head>", f"<style>{CSS}</style></head>")
        page.write_text(styled, encoding="utf8")
        shot = folder / "page.png"
        browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        size = f"--window-size={WIDTH},{HEIGHT}"
        subprocess.run([*browser, size, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)
        with Image.open(shot) as image:
            image.convert("RGB").save(TARGET, quality=82, optimize=True)


if __name__ == "__main__":
    main()
