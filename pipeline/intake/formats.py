"""What a file is by its content, and what its extension says; formats that Gouji does not read, each with advice.

Signatures are from the formats' own specifications (PDF 32000-1 §7.5.2 with the 1024 bytes of junk that readers allow,
[MS-CFB], PKWARE APPNOTE, GB/T 33190 for OFD).
"""

from __future__ import annotations

import re
from pathlib import PurePath

TEXT_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".text"})
HTML_SUFFIXES = frozenset({".html", ".htm", ".shtml", ".xhtml"})
PDF_SUFFIXES = frozenset({".pdf"})
IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif", ".avif", ".jp2",
     ".djvu"}
)  # fmt: skip
OFFICE_SUFFIXES = frozenset(
    {".doc", ".docx", ".wps", ".wpt", ".ofd", ".xls", ".xlsx", ".et", ".ppt", ".pptx", ".dps", ".odt", ".ods", ".rtf", ".ceb",
     ".caj", ".epub", ".mht", ".mhtml", ".eml", ".zip", ".rar", ".7z"}
)  # fmt: skip
DOCUMENT_SUFFIXES = TEXT_SUFFIXES | HTML_SUFFIXES | PDF_SUFFIXES | IMAGE_SUFFIXES | OFFICE_SUFFIXES

_PAGES_OF_SERVERS = frozenset({".asp", ".aspx", ".jsp", ".php", ".do", ".action"})

_AS_PDF = "Open it in a word processor (WPS, LibreOffice, Word), save it as PDF, and give the PDF."
_SHEET_AS_PDF = "Open it in a spreadsheet program, save it as PDF or as HTML, and give that."
_UNPACK = "Unpack the archive and give the folder."
_PICTURE = "Open it in a picture viewer, save it as PNG, JPEG or TIFF, and give that."
_PAGE_AS_HTML = "Open it in a browser, save the page as HTML only or print it to PDF, and give that."
_ADVICE = {
    "doc": ("a Word document (.doc)", _AS_PDF),
    "wps": ("a WPS document (.wps)", _AS_PDF),
    "docx": ("a Word document (.docx)", _AS_PDF),
    "odt": ("an OpenDocument text", _AS_PDF),
    "rtf": ("an RTF document", _AS_PDF),
    "ofd": ("an OFD document", "Open it in an OFD reader, save or print it as PDF, and give the PDF."),
    "ceb": ("a CEB document", "Open it in the Apabi reader, print it to PDF, and give the PDF."),
    "caj": ("a CAJ document", "Open it in the CAJ viewer, print it to PDF, and give the PDF."),
    "epub": ("an e-book (.epub)", "Convert it to PDF or HTML and give that."),
    "word_xml": ("a Word document saved as XML", _AS_PDF),
    "xls": ("a spreadsheet (.xls)", _SHEET_AS_PDF),
    "et": ("a WPS spreadsheet (.et)", _SHEET_AS_PDF),
    "xlsx": ("a spreadsheet (.xlsx)", _SHEET_AS_PDF),
    "ods": ("an OpenDocument spreadsheet", _SHEET_AS_PDF),
    "excel_xml": ("a spreadsheet saved as XML", _SHEET_AS_PDF),
    "ppt": ("a presentation", "Save it as PDF and give the PDF."),
    "pptx": ("a presentation", "Save it as PDF and give the PDF."),
    "ole": ("an Office file of an unknown kind", _AS_PDF),
    "encrypted_office": ("an Office document with a password", "Open it with its password, save it as PDF, and give the PDF."),
    "mht": ("a web archive (.mht) or mail", _PAGE_AS_HTML),
    "xml": ("an XML file that is no web page", "Give the report as HTML, PDF or text."),
    "zip": ("a zip archive", _UNPACK),
    "archive": ("a compressed archive", _UNPACK),
    "postscript": ("a PostScript file", "Convert it to PDF (for example with ps2pdf) and give the PDF."),
    "heic": ("a HEIC or AVIF picture", _PICTURE),
    "djvu": ("a DjVu document", "Open it in a DjVu reader, print it to PDF, and give the PDF."),
    "image": ("a Photoshop or JBIG2 picture", _PICTURE),
    "svg": ("a drawing (.svg)", _PICTURE),
    "media": ("a sound or video file", "Take it out of the input: there is no report in it."),
    "program": ("a program or database file", "Take it out of the input: there is no report in it."),
}

_READ_IMAGE_MAGIC = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+",
    b"\x00\x00\x00\x0cjP  ", b"\xffO\xffQ",
)  # fmt: skip
_IMAGE_MAGIC = (b"8BPS\x00\x01", b"\x97JB2\r\n\x1a\n")
_ARCHIVE_MAGIC = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_PROGRAM_MAGIC = (b"\x7fELF", b"MZ\x90\x00", b"SQLite format 3\x00", b"\xca\xfe\xba\xbe", b"PAR1")
_MEDIA_MAGIC = (b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FLV\x01", b"FWS", b"CWS")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted_office"), ("WpsDocument", "wps"), ("WordDocument", "doc"), ("Workbook", "xls"),
    ("Book", "xls"), ("PowerPoint Document", "ppt"),
)  # fmt: skip
_ZIP_MEMBERS = (
    (b"OFD.xml", "ofd"), (b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"),
    (b"opendocument.text", "odt"), (b"opendocument.spreadsheet", "ods"), (b"application/epub+zip", "epub"),
)  # fmt: skip

_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|(?:html|head|body|title|meta|link|style|script|table|tbody|tr|td|div|p|span"
    r"|center|font|h[1-6]|br|ul|ol|section|article|base|form|a|img|b|strong|frameset)\b)",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_TABLE_TAG = re.compile(r"<(?:table|tr|td|th)[\s>]", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-z][a-z0-9]{0,10}(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)
_MAIL_START = re.compile(rb"[A-Za-z-]{2,40}:[ \t\r\n]")


def declared_kind(path: str) -> str:
    """Returns what the extension says: `text html pdf image`, another extension without its dot, or `""` for none."""
    suffix = PurePath(path).suffix.lower()
    for kind, suffixes in (("text", TEXT_SUFFIXES), ("pdf", PDF_SUFFIXES), ("image", IMAGE_SUFFIXES)):
        if suffix in suffixes:
            return kind
    if suffix in HTML_SUFFIXES or suffix in _PAGES_OF_SERVERS:
        return "html"
    return suffix[1:].encode("utf-8", "backslashreplace").decode()


def describe(name: str) -> tuple[str, str]:
    """Returns the words for a format that is not read, and the advice for it."""
    return _ADVICE[name]


def is_pdf(head: bytes, tail: bytes, declared: str) -> bool:
    """True for a PDF, also behind up to 1024 bytes of junk, or one that lost its header but ends like a PDF."""
    if re.search(rb"%PDF-\d", head[:1024]):
        return not _looks_like_markup(head) or b" obj" in head or b"startxref" in tail
    return declared == "pdf" and b"startxref" in tail and not _looks_like_markup(head)


def is_image(head: bytes) -> bool:
    """True for a picture that is read: PNG, JPEG, TIFF, GIF, JPEG 2000, WebP, and BMP, whose two letters alone fit a text too."""
    if head.startswith(_READ_IMAGE_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    return head[:2] == b"BM" and len(head) > 26 and head[6:10] == b"\x00\x00\x00\x00"


def binary_format(head: bytes, tail: bytes, declared: str) -> str | None:
    """Returns the name of a format that is known by its first bytes and not read (a key of `describe`), or None."""
    if head.startswith(_OLE_MAGIC):
        return _ole_format(head + tail, declared)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return next((name for member, name in _ZIP_MEMBERS if member in head or member in tail), "zip")
    if head.startswith(_IMAGE_MAGIC):
        return "image"
    if head.startswith(b"AT&TFORM"):
        return "djvu"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif"):
        return "heic"
    for name, magic in (("archive", _ARCHIVE_MAGIC), ("program", _PROGRAM_MAGIC), ("media", _MEDIA_MAGIC)):
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WAVE")):
        return "media"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if start.startswith(b"%!PS"):
        return "postscript"
    return _signed_chinese_format(head) or _mail_or_xml(head, start)


def is_html(text: str, declared: str) -> bool:
    """True where decoded text is a web page, or a fragment of one; prose that mentions a tag is not.

    Args:
        text: the first characters of the text.
        declared: what the extension says; an extension for pages makes one table or a few tags enough.
    """
    head = text[:65536]
    if _HTML_START.match(head) or _HTML_TAG.search(head[:2048]):
        return declared in ("html", "pdf") or len(_ANY_TAG.findall(head)) >= 3
    if len(_TABLE_TAG.findall(head)) >= 4:
        return True
    return declared == "html" and len(_ANY_TAG.findall(head)) >= 2


def _looks_like_markup(head: bytes) -> bool:
    """True where the first visible byte opens a tag."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith(b"<")


def _ole_format(data: bytes, declared: str) -> str:
    """Returns the format of an OLE compound file, from the names of its streams; the extension decides between relatives."""
    for stream, name in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return declared if (name, declared) in (("doc", "wps"), ("xls", "et")) else name
    return declared if declared in ("doc", "wps", "xls", "et", "ppt") else "ole"


def _signed_chinese_format(head: bytes) -> str | None:
    """Returns `ceb` or `caj` for the formats of the two national readers."""
    if head.startswith((b"FounderCEB", b"Founder CEB")):
        return "ceb"
    return "caj" if head.startswith((b"CAJ\x00", b"HN\x00\x00", b"KDH ")) else None


def _mail_or_xml(head: bytes, start: bytes) -> str | None:
    """Returns the format of text-like files that are no report text: web archives, mail, Office XML, drawings, other XML."""
    early = head[:4096].lower()
    if _MAIL_START.match(start) and (b"mime-version:" in early or b"content-type: multipart/" in early):
        return "mht"
    if not start.startswith((b"<?xml", b"<svg", b"<?mso")):
        return None
    if b"word.document" in early or b"schemas.microsoft.com/office/word/2003" in early:
        return "word_xml"
    if b"excel.sheet" in early or b"office:spreadsheet" in early:
        return "excel_xml"
    if re.search(rb"<(!doctype\s+html|html|body|table|head)\b", early):
        return None
    return "svg" if b"<svg" in early else "xml"
