"""What a division is, read from its code and its name. Names differ by province; codes do not. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

PROVINCE, CITY, COUNTY, TOWNSHIP, VILLAGE = "province", "city", "county", "township", "village"
ZONE, VIRTUAL = "zone", "virtual"


@dataclass(frozen=True, slots=True)
class Place:
    """One division as the files give it."""

    code: str
    name: str
    parent: str
    klass: str


class Kind(StrEnum):
    """What a name says that a place is."""

    STREET = "街道"
    TOWN = "镇"
    RURAL = "乡"
    OTHER = "其他"
    VILLAGE = "村"
    COMMUNITY = "社"


# Chongqing writes 村民委员会 and 居民委员会, Shandong 村委会 and 居委会, Jilin 村 and 社区.
_ENDINGS = {
    Kind.STREET: ("街道", "街道办事处"),
    Kind.TOWN: ("镇", "镇人民政府"),
    Kind.RURAL: ("乡", "乡人民政府"),
}
_COMMUNITY = ("社区", "居委会", "居民委员会")
_VILLAGE = ("村", "村委", "村委会", "村民委员会")
_REMARK = re.compile(r"[（(][^（()）]*[)）]")  # 永胜村（天岗石材开发区）（省级）
_LEVEL_BY_LENGTH = {2: PROVINCE, 4: CITY, 6: COUNTY}


def klass_of(code: str, name: str) -> str:
    """Return the class of a place.

    The code's third part says whose a township-level unit is: streets 07x and zones 4xx belong to a functional zone
    and not to the district they lie in. A virtual entry (虚拟) has a code but nobody lives or meets there.
    """
    if len(code) in _LEVEL_BY_LENGTH:
        return _LEVEL_BY_LENGTH[len(code)]
    if len(code) == 9:
        return ZONE if code[6] == "4" or code[6:8] == "07" else TOWNSHIP
    return VIRTUAL if "虚拟" in name else VILLAGE


def township_kind(name: str) -> Kind:
    """Return whether a township-level unit is a street, a town, a rural township or something else."""
    bare = _REMARK.sub("", name)
    return next((kind for kind, endings in _ENDINGS.items() if bare.endswith(endings)), Kind.OTHER)


def village_kind(name: str) -> Kind:
    """Return whether a village-level unit is a village, a community, or neither by its name."""
    bare = _REMARK.sub("", name)
    if bare.endswith(_COMMUNITY):
        return Kind.COMMUNITY
    return Kind.VILLAGE if bare.endswith(_VILLAGE) else Kind.OTHER
