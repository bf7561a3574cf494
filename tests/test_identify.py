"""What an input is: its content beats its extension; the encoding is what the text shows, not what it says."""

from __future__ import annotations

import hashlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures import make_bad
from pipeline.config import DEFAULT, Config, Limits
from pipeline.domain import SourceKind
from pipeline.errors import DocumentError, FileAccessError, MislabelledError, TooLargeError, UnsupportedFormatError
from pipeline.intake.encoding import decode, plausibility, sniff_charset
from pipeline.intake.formats import declared_kind, is_html
from pipeline.intake.identify import identify, unread_source

PROSE = "本机关2023年受理政府信息公开申请70件，均已按时答复。\n一、总体情况\n"
TRADITIONAL = "本機關資訊公開年度報告，受理申請件數總計為三十件。政府資訊公開法第一條"


def put(folder, name: str, data: bytes | str):
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def kind_of(folder, name: str, data: bytes | str) -> SourceKind:
    return identify(put(folder, name, data), name, DEFAULT)[0].kind


# --- source


def test_source_of_a_text(tmp_path):
    data = PROSE.encode()
    path = put(tmp_path, "a.txt", data)
    source, body = identify(path, "folder/a.txt", DEFAULT)
    assert (source.path, source.relative_path, source.kind, source.declared_kind) == (str(path), "folder/a.txt", "text", "text")
    assert (source.sha256, source.size_bytes, body) == (hashlib.sha256(data).hexdigest(), len(data), data)


def test_a_pdf_is_hashed_but_not_kept(tmp_path):
    data = make_bad.text_pdf()
    source, body = identify(put(tmp_path, "a.txt", data), "a.txt", DEFAULT)
    assert (source.kind, source.declared_kind, body) == ("pdf", "text", b"")
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_a_large_file_is_hashed_in_full(tmp_path):
    data = make_bad.text_pdf() + b"%" * 3_000_000
    source, _ = identify(put(tmp_path, "a.pdf", data), "a.pdf", DEFAULT)
    assert (source.sha256, source.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))


def test_the_source_of_a_failed_input_has_its_hash(tmp_path):
    data = make_bad.docx()
    source = unread_source(put(tmp_path, "a.docx", data), "a.docx")
    assert (source.sha256, source.size_bytes, source.declared_kind) == (hashlib.sha256(data).hexdigest(), len(data), "docx")
    assert unread_source(tmp_path / "gone", "gone").sha256 == ""
    os.mkfifo(tmp_path / "pipe.pdf")
    assert unread_source(tmp_path / "pipe.pdf", "pipe.pdf").sha256 == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text"), ("a.MD", "text"), ("a.html", "html"), ("a.HTM", "html"), ("a.shtml", "html"), ("a.php", "html"),
        ("a.PDF", "pdf"), ("a.JPG", "image"), ("a.docx", "docx"), ("a", ""), (".hidden", ""), ("a.tar.gz", "gz"),
        ("报告.wps", "wps"),
    ],
)  # fmt: skip
def test_declared_kind(name, kind):
    assert declared_kind(name) == kind


# --- content against extension


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.pdf", "a.doc", "a"])
def test_content_beats_extension(tmp_path, name):
    page = f"<!DOCTYPE html>\n<html><body><p>{PROSE}</p></body></html>"
    assert kind_of(tmp_path, name, page) == "html"
    assert kind_of(tmp_path, name, page.encode("utf-16")) == "html"
    assert kind_of(tmp_path, name, page.encode("gb18030")) == "html"
    assert kind_of(tmp_path, name, PROSE) == "text"
    assert kind_of(tmp_path, name, make_bad.text_pdf()) == "pdf"
    assert kind_of(tmp_path, name, b"\xef\xbb\xbf\r\n" + b"junk " * 200 + make_bad.text_pdf()) == "pdf"


def test_pages_that_do_not_begin_with_a_tag(tmp_path):
    assert kind_of(tmp_path, "a.txt", "Warning: x in y.php on line 3\n<html><head></head><body>x</body></html>") == "html"
    assert kind_of(tmp_path, "a.txt", f"报告\n<td>{PROSE}</td>") == "text"
    assert kind_of(tmp_path, "a.md", "报告\n<table>" + "<tr><td>新收</td><td>1</td></tr>" * 3 + "</table>") == "html"
    assert kind_of(tmp_path, "a.html", "<!-- made by x -->\n<p>一</p><p>二</p>") == "html"
    assert kind_of(tmp_path, "a.html", "<?xml version='1.0'?><html><body><p>x</p></body></html>") == "html"


def test_prose_that_mentions_a_tag_is_text():
    assert not is_html("网页以 <html> 开头。", "text")
    assert not is_html("a < b, c > d, 1<2", "html")


def test_a_pdf_without_its_header_keeps_its_kind(tmp_path):
    assert kind_of(tmp_path, "a.pdf", b"\x00\x01junk" * 400 + make_bad.text_pdf()) == "pdf"


def test_a_page_that_mentions_pdf_is_a_page(tmp_path):
    assert kind_of(tmp_path, "a.html", "<html><body><p>%PDF-1.4 is a header</p></body></html>") == "html"


def test_text_that_begins_like_a_signature_is_text(tmp_path):
    for start in ("BM区政府报告", "From: 县政府\n", "ID", "MZ镇报告", "II级", "PK村"):
        assert kind_of(tmp_path, "a.txt", start + PROSE) == "text"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0" + bytes(100), b"\x89PNG\r\n\x1a\n" + bytes(50), b"GIF89a" + bytes(50), b"BM" + bytes(60),
        b"II*\x00" + bytes(50), b"MM\x00*" + bytes(50), b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"\x00\x00\x00\x0cjP  \r\n" + bytes(40),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.html", "a.bin", "a.png"])
def test_pictures_are_known_by_their_content_and_not_kept(tmp_path, data, name):
    source, body = identify(put(tmp_path, name, data), name, DEFAULT)
    assert (source.kind, body) == ("image", b"")
    assert source.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00\x00\x18ftypheic" + bytes(40), b"\x00\x00\x00\x18ftypavif" + bytes(40), b"AT&TFORM" + bytes(50),
        b"8BPS\x00\x01" + bytes(50), b"\x1f\x8b\x08" + bytes(50),
        b"7z\xbc\xaf\x27\x1c" + bytes(50), b"Rar!\x1a\x07\x00" + bytes(50), b"%!PS-Adobe-3.0\n",
        b"SQLite format 3\x00" + bytes(50),
        b"\x7fELF" + bytes(50), b"ID3" + bytes(50), b"CAJ\x00" + bytes(50), make_bad.ole_of("Unknown"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?><data/>", make_bad.zip_of(("a", "b")),
        make_bad.zip_of(("mimetype", "application/vnd.oasis.opendocument.text")), make_bad.ole_of("EncryptedPackage"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.html", "a.bin"])
def test_formats_that_are_not_read_say_what_to_do(tmp_path, data, name):
    with pytest.raises(UnsupportedFormatError) as caught:
        identify(put(tmp_path, name, data), name, DEFAULT)
    assert caught.value.message
    assert caught.value.advice


def test_each_format_has_advice_of_its_own(tmp_path):
    def advice(name, data):
        with pytest.raises(UnsupportedFormatError) as caught:
            identify(put(tmp_path, name, data), name, DEFAULT)
        return caught.value.message

    assert "WPS document" in advice("a.wps", make_bad.ole_of("WordDocument"))
    assert "Word document" in advice("a.doc", make_bad.ole_of("WordDocument"))
    assert "password" in advice("a.docx", make_bad.ole_of("EncryptedPackage"))
    assert "OFD" in advice("a.ofd", make_bad.zip_of(("OFD.xml", "x")))


@pytest.mark.parametrize(
    ("name", "error"), [("a.txt", MislabelledError), ("a.pdf", MislabelledError), ("a.bin", UnsupportedFormatError)]
)
def test_noise(tmp_path, name, error):
    with pytest.raises(error):
        identify(put(tmp_path, name, make_bad.noise(3000)), name, DEFAULT)


def test_no_permission(tmp_path, monkeypatch):
    path = put(tmp_path, "a.txt", PROSE)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FileAccessError, match="may not be read"):
        identify(path, "a.txt", DEFAULT)


def test_limits(tmp_path):
    path = put(tmp_path, "a.txt", PROSE * 100)
    for limits in (Limits(file_bytes=1000), Limits(text_chars=100)):
        with pytest.raises(TooLargeError):
            identify(path, "a.txt", Config(limits=limits))


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300), name=st.sampled_from(["a.txt", "a.pdf", "a.html", "a.doc", "a"]))
def test_any_bytes_end_as_a_kind_or_a_reason(tmp_path_factory, data, name):
    path = put(tmp_path_factory.getbasetemp(), name, data)
    try:
        source, _ = identify(path, name, DEFAULT)
    except DocumentError as error:
        assert error.message
        assert error.advice
    else:
        assert source.size_bytes == len(data)


# --- encodings


@pytest.mark.parametrize("declared", [None, "utf-8", "gb2312", "gbk", "big5", "iso-8859-1", "utf-16", "hex", "undefined", "没有"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_decode_whatever_is_declared(encoding, declared):
    assert decode(PROSE.encode(encoding), declared)[0] == PROSE


@pytest.mark.parametrize("declared", [None, "utf-8", "gb2312", "big5", "iso-8859-1"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "utf-16"])
def test_decode_traditional(encoding, declared):
    assert decode(TRADITIONAL.encode(encoding), declared)[0] == TRADITIONAL


def test_names_of_encodings():
    assert decode(PROSE.encode())[1] == "utf-8"
    assert decode(PROSE.encode("gb18030"))[1] == "gb18030"
    assert decode(TRADITIONAL.encode("big5"))[1] == "big5"
    assert decode(b"") == ("", "utf-8")


def test_one_broken_byte_does_not_change_the_encoding():
    data = PROSE.encode()
    assert decode(data[:9] + b"\xff" + data[9:], "gb2312") == (PROSE[:3] + "\ufffd" + PROSE[3:], "utf-8")
    assert decode(data[:-2])[1] == "utf-8"
    assert decode(PROSE.encode("gb18030")[:-3])[1] == "gb18030"


@pytest.mark.parametrize("word", ["联通", "总计", "规章", "中国", "一", "自然人", "第二十条", "办公室", "行政许可", "结转"])
def test_short_words(word):
    assert decode(word.encode("gb18030"))[0] == word
    assert decode(word.encode())[0] == word


def test_latin_text():
    assert decode("Élève à Noël, café".encode())[0] == "Élève à Noël, café"
    assert decode(b"plain") == ("plain", "utf-8")


@pytest.mark.parametrize("name", ["zezhou-2024", "rangdong-2024", "baimianxia-2025", "nanzhao-2020", "tianshan-2024"])
def test_every_line_of_a_report_in_gb18030(name):
    from tests.conftest import ROOT

    text = (ROOT / "fixtures" / "reports" / f"{name}.txt").read_text(encoding="utf8")
    assert decode(text.encode("gb18030"), "utf-8")[0] == text
    for line in text.splitlines():
        assert decode(line.encode("gb18030"))[0] == line


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "gbk", "big5", "utf-7", "punycode", "idna", "x"]))
@settings(max_examples=200, deadline=None)
def test_decode_never_fails(data, declared):
    text, name = decode(data, declared)
    text.encode("utf8")
    assert name


def test_sniff_charset():
    assert sniff_charset(b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">') == "gb2312"
    assert sniff_charset(b"<META CHARSET='UTF-8'>") == "UTF-8"
    assert sniff_charset(b'<?xml version="1.0" encoding="GBK"?>') == "GBK"
    assert sniff_charset(b"<p>charset=utf-8</p>") is None


def test_plausibility_tells_prose_from_noise():
    assert plausibility(PROSE) > 0.5
    assert plausibility(PROSE.encode().decode("gb18030", "replace")) < 0.2
    assert plausibility("plain") == 0
