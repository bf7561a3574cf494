"""Photos that together are one report give one document, and it is clear which do."""

from __future__ import annotations

import hashlib
import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from pipeline import cli
from pipeline.config import DEFAULT
from pipeline.errors import UsageError
from pipeline.intake.pictures import group_pictures, group_sha256, missing_numbers
from pipeline.intake.raster_pdf import rasterise_page
from pipeline.run.batch import find_source, plan_run
from pipeline.run.groups import Group

ROOT = Path(__file__).resolve().parents[1]
SCAN = ROOT / "fixtures" / "scans" / "office-150.pdf"
TRUTH = json.loads(SCAN.with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]


@cache
def page(number: int) -> Image.Image:
    return Image.fromarray(rasterise_page(SCAN, number, DEFAULT).pixels).convert("L")


def touch(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return [folder / name for name in names]


def planned(out: Path, *arguments: object, mode: str = "series") -> dict[str, list[str]]:
    plan = plan_run([str(a) for a in arguments], out, None, mode)
    return {i.relative_path: [p.name for p in i.members] if isinstance(i, Group) else [i.path.name] for i in plan.inputs}


def run(*arguments: object) -> int:
    return cli.main([str(a) for a in arguments])


def document(out: Path, stem: str) -> dict:
    (folder,) = out.glob(f"{stem}~*")
    return json.loads((folder / "matrices.json").read_text(encoding="utf8"))


def exact(document: dict) -> set[str]:
    return {m["table"] for m in document["matrices"]
            if [[c["value"] for c in row] for row in m["cells"]] == TRUTH[m["table"]]["values"]}  # fmt: skip


# --- which pictures are one report


def test_a_series_in_a_folder_is_one_report_named_like_the_folder(tmp_path):
    touch(tmp_path / "in" / "zezhou", "IMG_10.jpg", "IMG_9.jpg", "IMG_11.png")
    touch(tmp_path / "in" / "mixed", "report-1.jpg", "report-2.jpg", "report.pdf")
    touch(tmp_path / "in" / "single", "report-1.jpg")
    found = planned(tmp_path / "out", tmp_path / "in")
    assert found == {
        "mixed/report-1.jpg": ["report-1.jpg"], "mixed/report-2.jpg": ["report-2.jpg"], "mixed/report.pdf": ["report.pdf"],
        "single/report-1.jpg": ["report-1.jpg"], "zezhou": ["IMG_9.jpg", "IMG_10.jpg", "IMG_11.png"],
    }  # fmt: skip
    assert planned(tmp_path / "out", tmp_path / "in" / "zezhou") == {"zezhou": ["IMG_9.jpg", "IMG_10.jpg", "IMG_11.png"]}


def test_pictures_that_are_named_one_by_one_stay_apart_and_a_note_says_so(tmp_path):
    a, b = touch(tmp_path / "in", "IMG_1.jpg", "IMG_2.jpg")
    assert planned(tmp_path / "out", a, b) == {"IMG_1.jpg": ["IMG_1.jpg"], "IMG_2.jpg": ["IMG_2.jpg"]}
    (note,) = plan_run([str(a), str(b)], tmp_path / "out", None).notes
    assert "--pictures together" in note


def test_a_manifest_that_names_the_pictures_keeps_them_apart(tmp_path):
    touch(tmp_path / "in", "IMG_1.jpg", "IMG_2.jpg")
    (tmp_path / "in" / "manifest.csv").write_text("path,year\nIMG_2.jpg,2023\n", encoding="utf8")
    assert len(planned(tmp_path / "out", tmp_path / "in")) == 2
    (tmp_path / "in" / "manifest.csv").write_text("path,year\nin,2023\n", encoding="utf8")
    plan = plan_run([str(tmp_path / "in")], tmp_path / "out", None)
    assert [i.relative_path for i in plan.inputs] == ["in"] and plan.facts[0].year == 2023 and not plan.notes


def test_years_are_reports_and_not_pages(tmp_path):
    for names in (("2021.jpg", "2022.jpg"), ("泽州县2021.jpg", "泽州县2022.jpg"), ("report-2019.png", "report-2021.png")):
        assert len(group_pictures([tmp_path / name for name in names])) == 2
    for names in (("IMG_2021.jpg", "IMG_2022.jpg"), ("DSC_2021.jpg", "DSC_2022.jpg"), ("1.jpg", "2.jpg")):
        assert len(group_pictures([tmp_path / name for name in names])) == 1


def test_numbers_that_are_left_out():
    assert missing_numbers([Path(f"IMG_{n}.jpg") for n in (7, 8, 10)]) == [9]
    assert missing_numbers([Path(f"IMG_20240105_{n}.jpg") for n in (101502, 101544)]) == []


def test_the_option_decides(tmp_path):
    a, b, c = touch(tmp_path / "in", "title.jpg", "back.png", "p10.jpg")
    out = tmp_path / "out"
    assert planned(out, a, c, b, mode="together") == {"title.jpg": ["title.jpg", "p10.jpg", "back.png"]}
    touch(tmp_path / "in", "p9.jpg")
    assert planned(out, tmp_path / "in", mode="together") == {"in": ["back.png", "p9.jpg", "p10.jpg", "title.jpg"]}
    assert len(planned(out, tmp_path / "in", mode="apart")) == 4
    (other,) = touch(tmp_path, "report.pdf")
    with pytest.raises(UsageError, match=r"report\.pdf"):
        planned(out, a, other, mode="together")


# --- what comes out


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two pages of a report, and between them a photo that was cut off."""
    folder = tmp_path_factory.mktemp("given") / "fengle"
    folder.mkdir()
    page(1).save(folder / "IMG_0008.png", dpi=(150, 150))
    page(2).save(folder / "IMG_0009.png", dpi=(150, 150))
    return folder


@pytest.fixture(scope="module")
def read(folder, tmp_path_factory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("out")
    assert run("ingest", folder, "--out", out, "--workers", "1") == 0
    return out, document(out, "fengle")


def test_photos_of_one_report_give_what_its_scan_gives(read, folder):
    out, found = read
    assert exact(found) == set(TRUTH)
    about = found["document"]
    assert (about["source"], about["kind"], about["pages"]) == ("fengle", "image", 2)
    assert about["id"].startswith("fengle~") and len(list(out.glob("*~*"))) == 1
    requests = next(m for m in found["matrices"] if m["table"] == "requests")
    assert {c["page"] for row in requests["cells"] for c in row} == {1, 2}
    (note,) = [f for f in found["findings"] if f["rule"] == "picture_series"]
    assert "IMG_0008.png, IMG_0009.png" in note["message"] and note["severity"] == "note"
    item = find_source(out, "fengle")
    assert isinstance(item, Group) and [p.name for p in item.members] == ["IMG_0008.png", "IMG_0009.png"]


def test_the_same_pictures_give_the_same_bytes(read, folder, tmp_path):
    out, found = read
    copy = shutil.copytree(folder, tmp_path / "elsewhere" / "fengle")
    # The other run was one of workers.
    assert run("ingest", copy, "--out", tmp_path / "out", "--workers", "0") == 0
    for name in ("matrices.json", "tables.json", "pages.json"):
        assert (tmp_path / "out" / found["document"]["id"] / name).read_bytes() == (
            out / found["document"]["id"] / name).read_bytes()  # fmt: skip


def test_a_broken_picture_loses_its_page_alone_and_says_so(folder, tmp_path):
    given = tmp_path / "fengle"
    given.mkdir()
    (given / "1.png").write_bytes((folder / "IMG_0008.png").read_bytes()[:9000])
    (given / "2.png").write_bytes(b"<html><body>404 not found</body></html>")
    shutil.copy(folder / "IMG_0009.png", given / "3.png")
    assert run("ingest", given, "--out", tmp_path / "out", "--workers", "0") == 0
    found = document(tmp_path / "out", "fengle")
    ended = [(p["page"], p["status"], p["failure"] and p["failure"]["class"]) for p in found["page_results"]]
    assert ended == [(1, "failed", "damaged"), (2, "failed", "mislabelled"), (3, "ok", None)]
    assert found["page_results"][0]["failure"]["message"].startswith("1.png: ")
    assert found["status"] == "review" and found["absent"] == [] and "art20_1" in found["unread"]
    assert "litigation" in exact(found)
    wrong = [c for m in found["matrices"] for t, row in zip(TRUTH[m["table"]]["values"], m["cells"], strict=False)
             for v, c in zip(t, row, strict=False) if c["value"] != v and not c["review"]]  # fmt: skip
    assert not wrong


def test_pictures_of_which_none_can_be_read_fail_with_a_reason(tmp_path):
    touch(tmp_path / "in", "1.jpg", "2.jpg")
    assert run("ingest", tmp_path / "in", "--out", tmp_path / "out") == 1
    found = document(tmp_path / "out", "in")
    assert found["status"] == "failed" and "1.jpg" in found["failure"]["message"]
    digests = [hashlib.sha256(b"x").hexdigest()] * 2
    assert found["document"]["sha256"] == group_sha256(digests)
