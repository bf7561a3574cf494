"""Files, folders and patterns, in a stable order; and the manifest beside them."""

from __future__ import annotations

import io
import json
import os
import threading

import pytest

from pipeline.config import Limits
from pipeline.domain import DocumentFacts
from pipeline.errors import ConfigError, InputMissingError
from pipeline.intake.discover import Input, discover, printable, read_list
from pipeline.intake.manifest import find_manifest, load_manifest


@pytest.fixture
def tree(tmp_path):
    """A folder with documents, others, hidden ones and links."""
    documents = ["b.txt", "a.pdf", "sub/c.html", "sub/deep/d.DOCX", "scan.png"]
    others = ["e.json", "truth.csv", "f.py", ".hidden.txt", ".git/g.txt", "~$h.docx"]
    for name in documents + others:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "o.txt").write_text("x")
    return tmp_path / "in"


ALL = ["a.pdf", "b.txt", "scan.png", "sub/c.html", "sub/deep/d.DOCX"]


def names(found: list[Input]) -> list[str]:
    return [item.relative_path for item in found]


def test_a_folder_gives_its_documents_sorted(tree):
    found = discover([str(tree)])
    assert names(found) == ALL
    assert all(item.path.is_file() for item in found)
    assert discover([str(tree) + "/"]) == found


def test_a_file_is_taken_whatever_its_extension(tree):
    given = ["e.json", ".hidden.txt", "b.txt"]
    assert names(discover([str(tree / name) for name in given])) == given


def test_nothing_is_taken_twice(tree):
    found = names(discover([str(tree / "b.txt"), str(tree), str(tree / "*.txt")]))
    assert found == ["b.txt", *(name for name in ALL if name != "b.txt")]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["b.txt"]), ("*", ALL), ("*.json", ["e.json"]),
        ("**/*.html", ["sub/c.html"]),
        ("**/*.DOCX", ["sub/deep/d.DOCX"]), ("**", ALL),
        ("s*/c.html", ["sub/c.html"]), ("[ab].*", ["a.pdf", "b.txt"]), ("?.pdf", ["a.pdf"]), (".*.txt", [".hidden.txt"]),
        ("**/deep/*", ["sub/deep/d.DOCX"]), ("sub/**/*.*", ["c.html", "deep/d.DOCX"]),
    ],
)  # fmt: skip
def test_patterns(tree, pattern, expected):
    assert names(discover([str(tree / pattern)])) == expected


def test_a_relative_pattern(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert names(discover(["*.txt"])) == ["b.txt"]
    assert names(discover(["."])) == ALL
    assert names(discover(["sub/c.html"])) == ["c.html"]


def test_a_name_with_wildcards_is_a_file_first(tmp_path):
    (tmp_path / "a[1]*.txt").write_text("x")
    assert names(discover([str(tmp_path / "a[1]*.txt")])) == ["a[1]*.txt"]


def test_nothing_found(tree, tmp_path):
    for inputs in ([], [""], [str(tmp_path / "gone")], [str(tree / "*.xyz")], [str(tree / "sub" / "none")]):
        with pytest.raises(InputMissingError) as caught:
            discover(inputs)
        assert caught.value.advice
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputMissingError):
        discover([str(empty)])


def test_a_missing_file_among_others_becomes_an_input_that_fails(tree):
    notes: list[str] = []
    found = discover([str(tree / "gone.pdf"), str(tree / "b.txt"), str(tree / "*.xyz")], note=notes.append)
    assert names(found) == ["b.txt", "gone.pdf"]
    assert len(notes) == 2


def test_links(tree, tmp_path):
    (tree / "inside.txt").symlink_to(tree / "b.txt")
    (tree / "out.txt").symlink_to(tmp_path / "outside" / "o.txt")
    (tree / "outdir").symlink_to(tmp_path / "outside")
    (tree / "sub" / "up").symlink_to(tree)
    (tree / "broken.pdf").symlink_to(tree / "nowhere.pdf")
    (tree / "ring.pdf").symlink_to(tree / "ring.pdf")
    notes: list[str] = []
    found = names(discover([str(tree)], note=notes.append))
    assert found == ["a.pdf", "b.txt", "broken.pdf", "inside.txt", "ring.pdf", "scan.png", "sub/c.html", "sub/deep/d.DOCX"]
    assert len(notes) == 2
    assert all("leads out" in note for note in notes)
    assert names(discover([str(tree / "**" / "*.html")])) == ["sub/c.html"]
    assert names(discover([str(tree / "out.txt")])) == ["out.txt"]


def test_links_that_lead_out_can_be_allowed(tree, tmp_path):
    (tree / "out.txt").symlink_to(tmp_path / "outside" / "o.txt")
    (tree / "outdir").symlink_to(tmp_path / "outside")
    assert "out.txt" not in names(discover([str(tree)], limits=Limits()))
    assert "out.txt" in names(discover([str(tree)], limits=Limits(links_inside=False)))
    assert not any("outdir" in name for name in names(discover([str(tree)], limits=Limits(links_inside=False))))


# --- lists


def listed(data: bytes) -> list[str]:
    return read_list("-", io.BytesIO(data))


@pytest.mark.parametrize(
    "data",
    [
        "a.txt\n 报告 .txt\n".encode(), "a.txt\r\n\r\n 报告 .txt".encode(), "a.txt\0 报告 .txt\0".encode(),
        "\ufeffa.txt\r\n 报告 .txt\r\n".encode("utf-16-le"), "\ufeffa.txt\n 报告 .txt".encode(),
    ],
)  # fmt: skip
def test_a_list(data):
    assert listed(data) == ["a.txt", " 报告 .txt"]


def test_a_list_in_gbk_names_what_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "报告.txt").write_text("x")
    assert listed("报告.txt\n".encode("gb18030")) == ["报告.txt"]
    assert listed("别的.txt\n".encode("gb18030")) == [os.fsdecode("别的.txt".encode("gb18030"))]


def test_a_list_in_a_file(tmp_path):
    (tmp_path / "list").write_text("x\n")
    assert read_list(str(tmp_path / "list")) == ["x"]
    os.mkfifo(tmp_path / "pipe")
    threading.Thread(target=lambda: (tmp_path / "pipe").write_text("from a pipe\n")).start()
    assert read_list(str(tmp_path / "pipe")) == ["from a pipe"]
    for name in ("gone", "."):
        with pytest.raises(InputMissingError, match="list"):
            read_list(str(tmp_path / name))
    for data in (b"", b"\n \r\n", b"\xef\xbb\xbf"):
        with pytest.raises(InputMissingError, match="names nothing"):
            listed(data)


def test_what_a_list_names(tree, monkeypatch):
    monkeypatch.chdir(tree)
    (tree / "a[1].txt").write_text("x")
    lines = ["b.txt", "./sub", "a[1].txt", "*.txt", "gone/x.pdf", "../in/a.pdf", str(tree / "b.txt"), "a\0b"]
    found = discover([], listed=lines)
    absolute = str(tree).lstrip("/")
    assert names(found) == [
        "b.txt", "sub/c.html", "sub/deep/d.DOCX", "a[1].txt", "__/in/a.pdf", "*.txt", "gone/x.pdf", "a_b"
    ]  # fmt: skip
    assert not any(absolute in name for name in names(found))
    assert names(discover([], listed=[str(tree / "b.txt")])) == [f"{absolute}/b.txt"]
    rest = ["a[1].txt", "b.txt", "scan.png", "sub/c.html", "sub/deep/d.DOCX"]
    assert names(discover([str(tree / "a.pdf")], listed=["a.pdf", "."])) == ["a.pdf", *rest]


def test_a_list_of_nothing_that_is_there(tmp_path):
    with pytest.raises(InputMissingError):
        discover([], listed=[str(tmp_path / "gone.txt")])


def test_results_and_excluded_folders_are_no_input(tree):
    (tree / "out" / "x~1").mkdir(parents=True)
    (tree / "out" / "x~1" / "matrices.json").write_text("{}")
    (tree / "out" / "x~1" / "table.html").write_text("x")
    (tree / "out" / "panel.xlsx").write_text("x")
    assert "out/x~1/table.html" not in names(discover([str(tree)]))
    assert "out/panel.xlsx" in names(discover([str(tree)]))
    assert "out/panel.xlsx" not in names(discover([str(tree)], exclude=[tree / "out"]))


def test_the_manifest_is_no_document(tree):
    with pytest.raises(InputMissingError):
        discover([str(tree / "truth.csv")], manifest=tree / "truth.csv")


def test_odd_names_survive(tmp_path):
    raw = [b"two words.txt", b"quo'te\".txt", b"line\nbreak.txt", b"x" * 246 + b".txt", b"-rf.txt"]
    raw += ["报告.txt".encode(), "报告.txt".encode("gb18030")]
    for name in raw:
        (tmp_path / os.fsdecode(name)).write_text("x")
    found = discover([str(tmp_path)])
    assert sorted(os.fsencode(item.path.name) for item in found) == sorted(raw)
    assert all(item.path.is_file() for item in found)
    json.dumps(names(found), ensure_ascii=False).encode("utf8")
    assert len(set(names(found))) == len(raw)
    assert printable(os.fsdecode(b"\xb1.txt")) == "\\xb1.txt"


def test_a_very_deep_folder(tmp_path):
    levels = [tmp_path]
    for _ in range(1200):
        levels.append(levels[-1] / "d")
        levels[-1].mkdir()
    (tmp_path / "a.txt").write_text("x")
    try:
        assert names(discover([str(tmp_path)])) == ["a.txt"]
        assert names(discover([str(tmp_path / "**" / "*.txt")])) == ["a.txt"]
    finally:
        for level in reversed(levels[1:]):
            level.rmdir()


def test_a_folder_that_cannot_be_listed_is_a_failure(tree, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(discover([str(tree)])) == ["a.pdf", "b.txt", "scan.png", "sub"]


# --- manifest


def write(folder, text: str, encoding: str = "utf-8"):
    path = folder / "manifest.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_manifest(tmp_path, encoding):
    text = "Path,Issuer,Region Code,YEAR,url,备注\r\na.txt,泽州县人民政府,140525,2024,http://x/,\r\n./sub\\b.pdf,,,,,x\r\n"
    text += '\r\n"c, d.html","某局",,2023年,\r\n'
    assert load_manifest(write(tmp_path, text, encoding)) == {
        "a.txt": DocumentFacts("泽州县人民政府", 2024, "140525", "http://x/"),
        "sub/b.pdf": DocumentFacts(),
        "c, d.html": DocumentFacts("某局", 2023),
    }


def test_manifest_with_chinese_header(tmp_path):
    text = "年度,路径,发布机构,行政区划代码,网址\n2024,报告.txt,某县,110000.0,http://x\n"
    assert load_manifest(write(tmp_path, text, "gb18030")) == {"报告.txt": DocumentFacts("某县", 2024, "110000", "http://x")}


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "empty"), ("issuer,year\nx,2024\n", 1, "no column"), ("path,year\na,24\n", 2, "no year"),
        ("path,year\na,2024\n,2023\n", 3, "no path"),
        ("path\na\na\n", 3, "second time"), ("path,issuer\na,b,c\n", 2, "3 fields"), ("path,路径\na,b\n", 1, "two columns"),
        ('path\n"a\n', 2, ""), ("path,region\na,4.1E+05\n", 2, "no region code"), ("path,year\na,3024\n", 2, "no year"),
    ],
)  # fmt: skip
def test_a_wrong_manifest_names_the_line(tmp_path, text, line, what):
    with pytest.raises(ConfigError, match=f"line {line}: .*{what}") as caught:
        load_manifest(write(tmp_path, text))
    assert caught.value.advice


def test_an_unreadable_manifest(tmp_path):
    with pytest.raises(ConfigError):
        load_manifest(tmp_path / "gone.csv")
    with pytest.raises(ConfigError):
        load_manifest(tmp_path)


def test_find_manifest(tmp_path):
    assert find_manifest(tmp_path) is None
    path = write(tmp_path, "path\n")
    assert find_manifest(tmp_path) == path
