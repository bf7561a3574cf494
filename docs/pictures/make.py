"""Makes the picture of the README: a broken report beside its matrices. Needs Chromium; run from the repository's root."""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from fixtures.gen.twins import load_seed, make_twin  # noqa: E402
from pipeline.run.document import process_bytes  # noqa: E402
from pipeline.store.contract import result_to_matrices  # noqa: E402
from pipeline.store.export_html import matrix_to_html  # noqa: E402

TARGET = Path(__file__).resolve().parent / "broken-and-matrix.png"
CSS = """body{margin:0;font:13px sans-serif;display:flex;gap:24px;padding:20px;background:#fff;align-items:flex-start}
pre{background:#f6f7f9;border:1px solid #ccd;padding:10px;margin:0;font:12px/1.45 monospace;width:560px;overflow:hidden;
white-space:pre;tab-size:4}table{border-collapse:collapse;font-size:11px}td,th{border:1px solid #ccd;padding:2px 6px;
text-align:right}th{background:#f0f2f5;text-align:left}th code{display:block;font-weight:normal;color:#667}
h2,h3{margin:4px 0;font-size:14px}"""


def main() -> None:
    """Writes the picture."""
    text, truth = load_seed("nanzhao-2020")
    twin, _ = make_twin(text, truth, 7, True)
    lines = twin.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("一、本年新收")) - 3
    last = next(i for i, line in enumerate(lines) if line.startswith("## 五"))
    document = result_to_matrices(process_bytes("nanzhao-2020.txt", twin.encode()))
    matrices = "".join(matrix_to_html(m, document["findings"]) for m in document["matrices"])
    excerpt = html.escape("\n".join(lines[first:last]))
    page = f"<meta charset=utf-8><style>{CSS}</style><pre>{excerpt}</pre><div>{matrices}</div>"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1400,760"]
        subprocess.run([*command, f"--screenshot={TARGET}", source.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
