"""The layers of the package, read from its imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("intake", "layout", "ocr", "grid", "canon", "check")
# A module may import from its own layer and from those below; a stage imports no other stage.
LOW = [("domain", "errors"), ("config", "geometry", "raster", "schema_files")]
LAYERS = [*LOW, STAGES, ("store",), ("run", "show"), ("cli", "arguments", "console", "review")]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
# The codebook of the exports is made from the labels of the schemas; `show` draws what the runner made.
HEAVY = {"pandas", "camelot", "pdfplumber", "pdfminer", "cv2", "pyarrow", "xlsxwriter", "pypdfium2", "numpy", "lxml", "rich"}


def modules():
    return sorted((ROOT / "pipeline").rglob("*.py"))


def part_of(name):
    pieces = name.split(".")
    return pieces[1] if len(pieces) > 1 and pieces[0] == "pipeline" else None


def imports_of(path, top_level_only=False):
    tree = ast.parse(path.read_text(encoding="utf8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            if node.module == "pipeline":
                yield from (f"pipeline.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_its_layer_and_below(path):
    part = path.relative_to(ROOT / "pipeline").with_suffix("").parts[0]
    if part == "__init__":
        return
    assert part in RANK, f"{part} belongs to no layer"
    for name in imports_of(path):
        other = part_of(name)
        if other is None or other == part or other.startswith("__"):
            continue
        assert RANK[other] <= RANK[part], f"{path.name} imports {name} from a layer above"
        assert not (part in STAGES and other in STAGES), f"{path.name}: the stage {part} imports the stage {other}"


def test_the_only_sql_and_pandas_are_in_store():
    for path in modules():
        part = path.relative_to(ROOT / "pipeline").with_suffix("").parts[0]
        names = {n.split(".")[0] for n in imports_of(path)}
        if part != "store":
            assert not names & {"pandas", "sqlite3", "pyarrow", "xlsxwriter"}, path


def test_the_environment_and_toml_are_read_in_config_alone():
    for path in modules():
        if path.name == "config.py":
            continue
        source = path.read_text(encoding="utf8")
        assert "os.environ" not in source and "os.getenv" not in source, path
        assert "tomllib" not in set(imports_of(path)), path


def test_the_command_line_starts_without_heavy_modules():
    seen, todo = set(), ["pipeline.cli"]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        path = ROOT / (name.replace(".", "/") + ".py")
        if path.exists():
            todo += [n for n in imports_of(path, top_level_only=True) if n.startswith("pipeline")]
            todo += [n for n in imports_of(path, top_level_only=True) if n.split(".")[0] in HEAVY]
    assert not {n.split(".")[0] for n in seen} & HEAVY


def test_broad_handlers_stand_only_where_a_document_or_a_command_ends():
    allowed = {"document.py", "cli.py"}
    # Where a library meets a broken file, whatever it raises becomes an error of ours.
    allowed |= {"pdf.py", "pdf_pdfium.py"}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"everything"}
                if caught & {"Exception", "BaseException", "everything"}:
                    assert path.name in allowed, f"{path}:{node.lineno} catches {caught}"
