"""Figures in the markup of web pages: raised, struck out, hidden, in fields, in pieces."""

from __future__ import annotations

from bench.variant_forms import CLOSE, OPEN, Form, lost, some, tag

BOX = "display:inline-block;width:40px"


def styled(name: str, text: str, style: str) -> str:
    """An element with a style attribute."""
    return tag(name, text, f"style='{style}'")


WEB_FORMS: dict[str, Form] = {
    "sup": some(lambda v: f"{v}{tag('sup', '1')}"),
    "sub": some(lambda v: f"{v}{tag('sub', '2')}"),
    "sup_link": some(lambda v: f"{v}{tag('a', tag('sup', '1'), 'href=#n1')}"),
    "raised_style": some(lambda v: f"{v}{styled('span', '1', 'vertical-align:super;font-size:60%')}"),
    "raised_style_spaced": some(lambda v: f"{v}{styled('span', '1', 'vertical-align: super')}"),
    "raised_top": some(lambda v: f"{v}{styled('span', '2', 'position:relative;top:-4px;font-size:8px')}"),
    "small": lost(lambda v: f"{v}{tag('small', '1')}"),
    "link_note": lost(lambda v: f"{v}{tag('a', '2', 'href=#n2')}"),
    "deleted": some(lambda v: f"{tag('del', str(v + 3))}{tag('ins', str(v))}"),
    "struck": some(lambda v: f"{tag('s', str(v + 3))} {v}"),
    "struck_style": some(lambda v: f"{tag('span', str(v + 3), 'style=text-decoration:line-through')}{v}"),
    "struck_style_alone": lost(lambda v: f"{styled('span', str(v), 'text-decoration:line-through')}"),
    "hidden_span": some(lambda v: f"{styled('span', '7', 'display:none')}{v}"),
    "hidden_span_quoted": some(lambda v: f"{v}{styled('span', '7', 'color:red; display : none !important')}"),
    "hidden_visibility": some(lambda v: f"{v}{styled('span', '7', 'visibility:hidden')}"),
    "hidden_size": some(lambda v: f"{v}{styled('span', '7', 'font-size:0')}"),
    "hidden_opacity": some(lambda v: f"{v}{styled('span', '7', 'opacity:0')}"),
    "hidden_attribute": some(lambda v: f"{v}{tag('span', '7', 'hidden')}"),
    "hidden_class": some(lambda v: f"{v}{tag('span', '7', 'class=ycxx')}"),
    "hidden_white": some(lambda v: f"{v}{styled('span', '7', 'color:#ffffff')}"),
    "hidden_font_white": some(lambda v: f"{v}{tag('font', '7', 'color=white')}"),
    "hidden_off": some(lambda v: f"{v}{styled('span', '7', 'position:absolute;left:-9999px')}"),
    "hidden_mso": some(lambda v: f"{v}{styled('span', '7', 'mso-hide:all')}"),
    "input": some(lambda v: f"{OPEN}input type=text value={v}{CLOSE}"),
    "input_placeholder": lost(lambda v: f"{OPEN}input type=text placeholder={v}{CLOSE}"),
    "input_number": some(lambda v: f"{OPEN}input type=number value={v}{CLOSE}"),
    "input_hidden": some(lambda v: f"{OPEN}input type=hidden value=7{CLOSE}{v}"),
    "select": lost(lambda v: f"{tag('select', tag('option', str(v + 1)) + tag('option', str(v), 'selected'))}"),
    "textarea": some(lambda v: tag("textarea", str(v))),
    "button": lost(lambda v: f"{v}{tag('button', '1')}"),
    "title": some(lambda v: tag("span", str(v), f"title={v + 3}")),
    "br_inside": lost(lambda v: f"{str(v)[:1]}{OPEN}br{CLOSE}{str(v)[1:]}", 10),
    "two_p": lost(lambda v: f"{tag('p', str(v))}{tag('p', '3')}"),
    "two_span": lost(lambda v: f"{tag('span', str(v))} {tag('span', '3')}"),
    "two_div": lost(lambda v: f"{tag('div', str(v))}{tag('div', '3')}"),
    "two_columns_block": lost(lambda v: f"{styled('span', str(v), 'display:block')}{styled('span', '3', 'display:block')}"),
    "two_inline_block": lost(lambda v: styled("span", str(v), BOX) + styled("span", "3", BOX)),
    "two_float": lost(lambda v: f"{styled('span', str(v), 'float:left')}{styled('span', '3', 'float:right')}"),
    "two_margin": lost(lambda v: f"{v}{styled('span', '3', 'margin-left:20px')}"),
    "image_digit": lost(lambda v: f"{v}{OPEN}img src=3.gif width=6{CLOSE}"),
    "rtl": lost(lambda v: tag("bdo", str(v), "dir=rtl"), 10),
    "wbr": some(lambda v: str(v)[:1] + f"{OPEN}wbr{CLOSE}" + str(v)[1:]),
    "tab": some(lambda v: f"\t{v}\t"),
    "comment": some(lambda v: f"{v}{OPEN}!-- 7 --{CLOSE}"),
    "ruby": some(lambda v: tag("ruby", f"{v}{tag('rt', '7')}")),
    "entity": some(lambda v: "".join(f"&#{ord(d)};" for d in str(v))),
    "nobr_pieces": some(lambda v: tag("b", str(v)[:1]) + tag("i", str(v)[1:])),
    "script": lost(lambda v: tag("script", f"document.write({v})")),
    "noscript": some(lambda v: tag("noscript", str(v)), lambda v: None),
    "details": some(lambda v: tag("details", f"{tag('summary', str(v))}7")),
    "marquee": some(lambda v: tag("marquee", str(v))),
    "math": lost(lambda v: tag("math", tag("mn", str(v)))),
    "svg": lost(lambda v: tag("svg", tag("text", str(v)))),
    "iframe": lost(lambda v: tag("iframe", str(v), "src=a.html")),
    "conditional": some(lambda v: f"{OPEN}!--[if gte mso 9]{CLOSE}7{OPEN}![endif]--{CLOSE}{v}"),
    "conditional_down": some(lambda v: f"{OPEN}![if !supportEmptyParas]{CLOSE}{v}{OPEN}![endif]{CLOSE}"),
}  # fmt: skip
