"""Which reports are of one issuer: by the manifest, or by a name that says where the body is; else none are."""

from __future__ import annotations

import re

_CHINESE = r"[\u4e00-\u9fff]"
# A place at or above the county. One letter before 县 is a name (沛县); 市, 区, 旗 and 盟 need two (城区, 郊区 are many).
_PLACE = re.compile(
    rf"{_CHINESE}{{2,12}}?(?:自治区|自治州|自治县|自治旗|地区|省|(?<![城都超股集夜])市(?!场|民|容|价|政(?!府|务|协))|(?<![联同结加])盟|旗)"
    rf"|{_CHINESE}{{1,12}}?县"
)
_DISTRICT = re.compile(rf"{_CHINESE}{{2,}}?区")
_SPEAKER = re.compile(r"^(?:我|本|全|该|各|县|市|省|区)+(?=[县市省区盟旗]|$)")
# What ends with 区 and is no district, or is one of a place that is not named.
_NO_DISTRICT = re.compile(
    r"(?:社|小|园|景|校|库|灾|山|矿|牧|郊|城|片|辖|示范|试验|实验|开发|高新|经开|度假|保税|工业|产业|管理|保护|风景|旅游|合作|功能|集中|核心|中|新)区$"
)
_NEW_DISTRICT = re.compile(rf"{_CHINESE}{{2,}}新区$")
# Districts of one name in several cities, now or within the years of these reports: the name alone says nothing.
_SHARED_NAMES = """
    朝阳区 鼓楼区 和平区 新华区 桥西区 桥东区 长安区 城关区 城东区 城西区 城北区 城中区 铁西区 铁东区 宝山区
    永定区 海州区 青山区 东山区 南山区 西安区 向阳区 河东区 普陀区 江北区 新城区 通州区 西湖区 白云区 龙华区
    市中区 市北区 东城区 西城区 新市区 清河区 红旗区
"""
_SHARED = frozenset(_SHARED_NAMES.split())


def issuer_key(issuer: str | None, region_code: str | None) -> str | None:
    """Returns what identifies the issuer of a report over the years, or None where nothing does.

    A name counts where it carries a province, a city or a county (泽州县教育局, 哈密市伊州区天山乡人民政府); that of a
    district alone counts unless several cities have one of that name. 城关镇人民政府 and 教育局 exist hundreds of times:
    they count only together with a region code.

    Args:
        issuer: as printed or from the manifest.
        region_code: from the manifest.
    """
    name = _plain(issuer)
    if not name:
        return None
    if region_code:
        return f"{region_code} {name}"
    return name if _names_a_place(name) else None


def _plain(issuer: str | None) -> str:
    """A name in one spelling: 泽州县人民政府, 泽州县政府 and 泽州县 are one body, their offices another."""
    name = re.sub(r"[\s()（）]+", "", issuer or "").replace("人民政府", "政府")
    return name.removesuffix("政府")


def _names_a_place(name: str) -> bool:
    place = _PLACE.match(name)
    if place and not _SPEAKER.match(place[0]):
        return True
    district = _DISTRICT.match(name)
    if district is None or district[0] in _SHARED or _SPEAKER.match(district[0]):
        return False
    return not _NO_DISTRICT.search(district[0]) or bool(_NEW_DISTRICT.fullmatch(district[0]))
