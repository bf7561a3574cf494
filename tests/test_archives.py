"""Zip archives: their members are inputs like files of a folder, under safe names, within limits, one at a time on disk."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import make_bad
from fixtures.broken.archives import archive, plain
from pipeline.config import DEFAULT, Config
from pipeline.errors import DocumentError
from pipeline.intake.discover import Input, discover
from pipeline.intake.identify import unread_source
from pipeline.intake.members import is_there, on_disk, size_of
from pipeline.intake.zip_names import safe_name

NEWS = make_bad.NEWS.encode()
LIMITS = DEFAULT.limits


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found_in(path: Path, **limits: int) -> list[Input]:
    return discover([str(path)], limits=replace(LIMITS, **limits))


def names(found: list[Input]) -> list[str]:
    return [item.relative_path for item in found]


def content(path: Path, **limits: int) -> bytes:
    with on_disk([path], replace(LIMITS, **limits)) as (file,):
        return file.read_bytes()


def refusal(path: Path, **limits: int) -> str:
    """Returns the class of failure with which an input ends; its message and advice are sentences."""
    from pipeline.intake.identify import identify

    changed = Config(limits=replace(LIMITS, **limits))
    with pytest.raises(DocumentError) as caught, on_disk([path], changed.limits) as (file,):
        identify(file, path.name, changed)
    assert len(caught.value.message) > 10 and len(caught.value.advice) > 10
    return caught.value.failure_class


def test_members_are_inputs(tmp_path):
    inner = plain(("深/c.html", b"<p>x</p>"), ("d.docx", b"x"))
    members = [("b.txt", NEWS), ("2023/a.txt", b"a"), ("in.zip", inner), ("x.json", b"{}"), ("__MACOSX/._b.txt", b"x")]
    put(tmp_path / "in" / "all.zip", plain(*members, (".hidden.txt", b"x"), ("~$b.docx", b"x")))
    put(tmp_path / "in" / "z.txt", b"z")
    found = found_in(tmp_path / "in")
    assert names(found) == ["all.zip/b.txt", "all.zip/2023/a.txt", "all.zip/in.zip/深/c.html", "all.zip/in.zip/d.docx", "z.txt"]
    assert content(found[0].path) == NEWS
    assert content(found[2].path) == b"<p>x</p>"
    assert [size_of(item.path) for item in found] == [len(NEWS), 1, 8, 1, 1]
    assert all(is_there(item.path) for item in found)
    assert not is_there(tmp_path / "in" / "gone.zip" / "a.txt")
    assert names(discover([str(tmp_path / "in")])) == ["all.zip", "z.txt"]
    assert names(found_in(tmp_path / "in" / "all.zip"))[0] == "all.zip/b.txt"


def test_a_member_on_disk_has_its_name_and_goes_again(tmp_path):
    path = put(tmp_path / "a.zip", plain(("x/报告.txt", NEWS))) / "x" / "报告.txt"
    before = set(Path(tempfile.gettempdir()).iterdir())
    with on_disk([path], LIMITS) as (file,):
        assert file.name == "报告.txt" and file.read_bytes() == NEWS
        assert len(list(file.parent.iterdir())) == 1
    assert not file.exists()
    assert not {p for p in set(Path(tempfile.gettempdir()).iterdir()) - before if p.name.startswith("gouji-")} & {file.parent}
    assert unread_source(path, "a.zip/x/报告.txt").size_bytes == len(NEWS)


def test_a_file_is_its_own(tmp_path):
    path = put(tmp_path / "folder.zip" / "a.txt", NEWS)
    with on_disk([path], LIMITS) as files:
        assert files == (path,)


def test_a_changed_archive_is_read_anew(tmp_path):
    path = put(tmp_path / "a.zip", plain(("a.txt", b"one")))
    assert content(path / "a.txt") == b"one"
    put(path, plain(("b.txt", b"second")))
    os.utime(path, (1, 1))
    assert content(path / "b.txt") == b"second"
    assert refusal(path / "a.txt") == "unreadable_file"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../a.txt", "__/__/a.txt"), ("/etc/a.txt", "etc/a.txt"), ("C:\\x\\a.txt", "C_/x/a.txt"), ("..\\a.txt", "__/a.txt"),
        ("./a//b.txt", "a/b.txt"), ("a\r\n\x1b.txt", "a___.txt"), ("...", "___"), ("", "_"), ("/", "_"), ("//host/a", "host/a"),
        ("x" * 300 + ".pdf", "x" * 236 + ".pdf"), ("报" * 100 + ".txt", "报" * 78 + ".txt"), ("a/..", "a/__"),
    ],
)  # fmt: skip
def test_safe_names(name, safe):
    assert safe_name(name) == safe
    assert all(len(part.encode()) <= 240 for part in safe.split("/"))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "cp437"])
def test_names_in_any_encoding(tmp_path, encoding):
    wanted = "é.txt" if encoding == "cp437" else "資料/報告書.txt"
    put(tmp_path / "a.zip", archive([(wanted.encode(encoding), NEWS, {})]))
    (found,) = found_in(tmp_path / "a.zip")
    assert content(found.path) == NEWS
    if encoding in ("utf-8", "gb18030"):
        assert found.relative_path == f"a.zip/{wanted}"
    found.relative_path.encode("utf8")


def test_the_unicode_path_of_a_member_goes_before_its_bytes(tmp_path):
    kept = io.BytesIO()
    import struct
    import zlib

    with zipfile.ZipFile(kept, "w") as file:
        info = zipfile.ZipInfo("b.txt")
        body = b"\x01" + struct.pack("<I", zlib.crc32(b"b.txt")) + "报告.txt".encode()
        info.extra = struct.pack("<HH", 0x7075, len(body)) + body
        file.writestr(info, NEWS)
    put(tmp_path / "a.zip", kept.getvalue())
    assert names(found_in(tmp_path / "a.zip")) == ["a.zip/报告.txt"]


def test_a_name_that_two_members_have(tmp_path):
    path = put(tmp_path / "a.zip", archive([(b"a.txt", b"1", {}), (b"a.txt", b"2", {}), (b"a~2.txt", b"3", {})]))
    found = found_in(path)
    assert len(set(names(found))) == 3
    assert [content(item.path) for item in found] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("lies", "failure_class"),
    [
        ({"flags": 1}, "encrypted"), ({"mode": 0o120777}, "unreadable_file"), ({"mode": 0o020666}, "unreadable_file"),
        ({"crc": 1}, "damaged"), ({"size": 1 << 30}, "too_large"), ({"method": 9}, "unsupported"),
        ({"offset": 1 << 30}, "damaged"),
    ],
    ids=str,
)  # fmt: skip
def test_a_member_that_cannot_be_had_fails_alone(tmp_path, lies, failure_class):
    path = put(tmp_path / "a.zip", archive([(b"good.txt", NEWS, {}), (b"bad.txt", NEWS[3:], lies)]))
    good, bad = found_in(path)
    assert content(good.path) == NEWS
    assert refusal(bad.path) == failure_class


@pytest.mark.parametrize(
    ("limits", "failure_class"),
    [({"archive_members": 2}, "too_large"), ({"archive_bytes": 100}, "too_large")],
)
def test_an_archive_beyond_a_limit_is_one_failed_input(tmp_path, limits, failure_class):
    path = put(tmp_path / "a.zip", plain(*((f"{i}.txt", NEWS) for i in range(3))))
    assert len(found_in(path)) == 3
    (found,) = found_in(path, **limits)
    assert found.path == path
    assert refusal(path, **limits) == failure_class


def test_the_ratio_counts_from_16_megabytes_on(tmp_path):
    path = put(tmp_path / "a.zip", plain(("small.txt", b" " * (8 << 20)), ("large.txt", b" " * (20 << 20))))
    assert len(content(path / "small.txt")) == 8 << 20
    assert refusal(path / "large.txt") == "too_large"
    assert len(content(path / "large.txt", archive_ratio=2000)) == 20 << 20


def test_depth(tmp_path):
    third = plain(("c.txt", b"c"))
    path = put(tmp_path / "a.zip", plain(("b.zip", plain(("b.txt", b"b"), ("c.zip", third)))))
    two = found_in(path)
    assert names(two) == ["a.zip/b.zip/b.txt", "a.zip/b.zip/c.zip"]
    assert refusal(two[1].path) == "too_large"
    assert names(found_in(path, archive_depth=3)) == ["a.zip/b.zip/b.txt", "a.zip/b.zip/c.zip/c.txt"]
    assert content(path / "b.zip" / "c.zip" / "c.txt", archive_depth=3) == b"c"
    assert names(found_in(path, archive_depth=1)) == ["a.zip/b.zip"]


def test_a_broken_archive_within_another_fails_alone(tmp_path):
    inner = plain(("x.txt", NEWS))
    path = put(tmp_path / "a.zip", plain(("good.txt", NEWS), ("cut.zip", inner[:-30])))
    assert names(found_in(path)) == ["a.zip/good.txt", "a.zip/cut.zip"]
    assert refusal(path / "cut.zip") == "damaged"


def test_what_is_only_called_a_zip(tmp_path):
    put(tmp_path / "word.zip", make_bad.docx())
    put(tmp_path / "page.zip", make_bad.ERROR_PAGE.encode())
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "folder.zip").mkdir()
    assert names(found_in(tmp_path)) == ["page.zip", "pipe.zip", "word.zip"]
    assert refusal(tmp_path / "word.zip") == "unsupported"
    put(tmp_path / "report.dat", plain(("a.txt", NEWS)))
    assert refusal(tmp_path / "report.dat") == "unsupported"


def test_pictures_of_a_page_lie_beside_it(tmp_path):
    page = b'<html><img src="page_files/1.png"><img src="%E8%A1%A8.png"></html>'
    members = [("d/page.html", page), ("d/page_files/1.png", b"1"), ("d/表.png", b"2"), ("d/other.png", b"3"), ("e/表.png", b"4")]
    path = put(tmp_path / "a.zip", plain(*members)) / "d" / "page.html"
    with on_disk([path], LIMITS) as (file,):
        beside = sorted(str(p.relative_to(file.parent)) for p in file.parent.rglob("*") if p.is_file())
    assert beside == ["page.html", "page_files/1.png", "表.png"]


def test_no_room_to_unpack_ends_the_run(tmp_path, monkeypatch):
    from pipeline.errors import OutputError

    path = put(tmp_path / "a.zip", plain(("a.txt", NEWS)))
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null")
    with pytest.raises(OutputError, match="unpacked"):
        content(path / "a.txt")


# --- a file that changes


def test_a_file_that_was_changed_while_it_was_read(tmp_path):
    path = put(tmp_path / "a.txt", NEWS)
    with pytest.raises(DocumentError) as caught, on_disk([path], LIMITS) as (file,):
        file.write_bytes(NEWS * 2)
    assert caught.value.failure_class == "unreadable_file"
    assert "changed" in caught.value.message
    with pytest.raises(DocumentError), on_disk([path], LIMITS) as (file,):
        file.unlink()


# --- through a run


def test_a_run_reads_the_members_of_an_archive(tmp_path):
    from pipeline.run.batch import plan_run, read_input

    scrape = (Path(__file__).resolve().parents[1] / "fixtures" / "reports" / "zezhou-2024.txt").read_bytes()
    put(tmp_path / "in" / "a.zip", plain(("2024/zezhou-2024.txt", scrape), ("in.zip", plain(("n.txt", NEWS)))))
    put(tmp_path / "zezhou-2024.txt", scrape)
    plan = plan_run([str(tmp_path / "in")], tmp_path / "out", None)
    first, second = (read_input(item, DEFAULT) for item in plan.inputs)
    alone = read_input(Input(tmp_path / "zezhou-2024.txt", "zezhou-2024.txt"), DEFAULT)
    assert (first.status, first.document_id, first.matrices) == (alone.status, alone.document_id, alone.matrices)
    assert first.source.relative_path == "a.zip/2024/zezhou-2024.txt"
    assert second.source.relative_path == "a.zip/in.zip/n.txt"
