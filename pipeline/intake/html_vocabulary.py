"""The words of HTML that matter here: which elements are unseen, break lines, form tables, or lead around the site."""

from __future__ import annotations

UNSEEN = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "title",
        "meta",
        "link",
        "base",
        "datalist",
        "select",
        "param",
        "source",
        "track",
        "area",
        "rp",
        "colgroup",
        "col",
    }
)
BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "listing",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "textarea",
        "ul",
        "xmp",
    }
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
STRUCTURE = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"})
PICTURES = frozenset(
    {
        "img",
        "svg",
        "canvas",
        "object",
        "embed",
        "iframe",
        "video",
        "audio",
        "applet",
        "math",
        "picture",
    }
)
VERBATIM = frozenset({"pre", "listing", "xmp"})
STRUCK = frozenset({"s", "strike", "del"})
RAISED = frozenset({"sup", "sub", "rt"})
# Kinds of form fields that show what they hold as text.
TYPED = frozenset({"text", "number", "tel", "search"})

CHROME_TAGS = frozenset({"nav", "footer", "aside", "menu", "search", "button"})
CHROME_ROLES = frozenset(
    {
        "navigation",
        "contentinfo",
        "banner",
        "search",
        "menu",
        "menubar",
        "toolbar",
        "complementary",
    }
)
CHROME_NAMES = frozenset(
    {
        "nav",
        "navbar",
        "navigation",
        "menu",
        "menus",
        "submenu",
        "footer",
        "foot",
        "header",
        "top",
        "topbar",
        "toolbar",
        "sidebar",
        "aside",
        "breadcrumb",
        "breadcrumbs",
        "crumb",
        "crumbs",
        "share",
        "sharing",
        "pager",
        "pagination",
        "copyright",
        "links",
        "friendlink",
        "dqwz",
        "location",
        "position",
        "search",
        "banner",
    }
)
NAMED_TAGS = frozenset({"div", "ul", "p", "header", "section", "table", "td", "form", "span", "dl"})

STYLE_ROLES = {
    "table": "table", "inline-table": "table", "table-row": "tr", "table-cell": "td", "table-row-group": "tbody",
    "table-header-group": "thead", "table-footer-group": "tfoot", "table-caption": "caption", "block": "div", "flex": "div",
    "list-item": "div",
}  # fmt: skip
ARIA_ROLES = {
    "table": "table", "grid": "table", "treegrid": "table", "row": "tr", "cell": "td", "gridcell": "td",
    "columnheader": "th", "rowheader": "th",
}  # fmt: skip
ARIA_TAGS = frozenset({"div", "span", "ul", "li", "section"})

ATTACHED_SUFFIXES = frozenset({".pdf", ".doc", ".docx", ".wps", ".ofd", ".xls", ".xlsx", ".et", ".rar", ".zip"})
