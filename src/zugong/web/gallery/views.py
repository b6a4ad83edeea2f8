"""The gallery: what a component looks like is decided here, by eye, before a page uses it. All data are invented."""

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.core.errors import Refused
from zugong.web.due import Deadline

DAY = date(2025, 12, 8)
HERE = "#page"


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in all its states."""
    wrong = SampleForm({"name": "", "amount": "五千", "ways": [], "cause": ""})
    wrong.is_valid()
    return TemplateResponse(
        request,
        "gallery/gallery.html",
        {
            "crumbs": [(_("整顿转化"), HERE), (_("禾汀镇"), HERE), (_("白石村党支部"), "")],
            "day": DAY,
            "dues": _dues(),
            "line": _line(),
            "events": _events(),
            "pairs": _pairs(),
            "answers": [{**pair, "change": HERE} for pair in _pairs()[:3]],
            "awaiting": _awaiting(),
            "page": Paginator(range(100_000), 50).get_page(request.GET.get("page", 7)),
            "rows": _rows(),
            "groups": _villages(),
            "key": [{"grade": grade, "label": label} for grade, label in _grades().items()],
            "why": _why(),
            "why_later": {"summary": "31 / 40", "href": reverse("gallery-reasons")},
            "tabs": [
                {"label": _("基本情况"), "href": HERE, "current": True},
                {"label": _("任务"), "href": HERE, "count": 6},
                {"label": _("会议"), "href": HERE, "count": 0},
            ],
            "form": SampleForm(),
            "wrong": wrong,
            "refused": Refused(
                "报结人不得验收本人报结的事项，请换一位验收人。", clause=_("青组发〔2025〕3号 第十五条")
            ),
            "kept": [{"label": _("入户走访记录.pdf"), "href": HERE, "note": _("2.1 MB，王舒 12月3日上传")}],
            "found": _found(),
            "svg": _bars(),
            "bars": [(label, count) for label, count in _counts()],
        },
    )


def found(request: HttpRequest) -> HttpResponse:
    """What a search gives back to the palette."""
    asked = request.GET.get("q", "").strip()
    groups = [
        {**group, "hits": hits}
        for group in _found()
        if (
            hits := [
                hit
                for hit in group["hits"]
                if asked and (asked in hit["label"] or hit["initials"].startswith(asked))
            ]
        )
    ]
    return TemplateResponse(request, "components/found.html", {"groups": groups})


def reasons(request: HttpRequest) -> HttpResponse:
    """The reasons of one figure: alone for htmx, and on a page of their own without script."""
    template = "components/explain_body.html" if request.headers.get("HX-Request") else "gallery/reasons.html"
    return TemplateResponse(request, template, {"why": _why()})


class SampleForm(forms.Form):
    """One question of each kind."""

    name = forms.CharField(
        label=gettext_lazy("任务名称"), help_text=gettext_lazy("写清做什么、做到什么程度。"), max_length=60
    )
    # A number is typed into a text box: a number box forgets what it cannot read.
    amount = forms.IntegerField(
        label=gettext_lazy("投入资金（元）"),
        help_text=gettext_lazy("没有就填 0。"),
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    due = forms.DateField(
        label=gettext_lazy("完成期限"), required=False, widget=forms.DateInput({"type": "date"})
    )
    cause = forms.ChoiceField(
        label=gettext_lazy("针对的病根"),
        choices=[("", gettext_lazy("请选择")), ("weak", gettext_lazy("弱")), ("poor", gettext_lazy("穷"))],
    )
    ways = forms.MultipleChoiceField(
        label=gettext_lazy("核验方式"),
        help_text=gettext_lazy("至少一种。"),
        choices=[
            ("visit", gettext_lazy("实地暗访")),
            ("study", gettext_lazy("专项调研")),
            ("call", gettext_lazy("电话抽查")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("验收意见"),
        choices=[("yes", gettext_lazy("通过")), ("no", gettext_lazy("退回整顿"))],
        widget=forms.RadioSelect,
        required=False,
    )
    note = forms.CharField(label=gettext_lazy("说明"), required=False, widget=forms.Textarea({"rows": 3}))
    proof = forms.FileField(
        label=gettext_lazy("证据"),
        help_text=gettext_lazy("照片、扫描件或表格，每个不超过 20 MB。"),
        required=False,
    )


# Invented data


def _dues() -> list[Deadline | None]:
    return [
        Deadline(DAY, -3, is_late=True),
        Deadline(DAY, 0),
        Deadline(DAY, 0, hour="14:30"),
        Deadline(DAY, 1),
        Deadline(DAY, 3),
        Deadline(DAY, 9),
        Deadline(DAY, 40, provisional=True),
        None,
    ]


def _line() -> list[dict[str, Any]]:
    return [
        {"label": _("乡镇初定"), "when": _("2月18日"), "state": "done", "href": HERE},
        {"label": _("部务会"), "when": _("2月27日"), "state": "done"},
        {"label": _("常委会"), "when": _("3月6日"), "state": "done"},
        {"label": _("听证"), "when": "", "state": "skipped"},
        {"label": _("一村一策"), "when": _("3月20日"), "state": "done"},
        {"label": _("整顿"), "when": _("退回 2 项"), "state": "back"},
        {"label": _("验收"), "when": _("限11月20日"), "state": "late"},
        {"label": _("销号"), "when": "", "state": "ahead"},
        {"label": _("跟踪十二个月"), "when": "", "state": "ahead"},
    ]


def _events() -> list[dict[str, Any]]:
    return [
        {"day": date(2025, 12, 12), "text": _("计划：部务会审议验收结果"), "state": "ahead"},
        {
            "day": date(2025, 11, 18),
            "text": _("禾汀镇党委报结五项任务"),
            "by": _("王舒，附证据 14 件"),
            "href": HERE,
            "state": "act",
        },
        {"day": date(2025, 11, 5), "text": _("月调度：问题解决不到位 1 项，列入月通报"), "state": "late"},
        {"day": date(2025, 10, 12), "text": _("县级领导到村指导"), "by": _("本月 1 / 1")},
        {
            "day": date(2025, 3, 6),
            "text": _("常委会审议通过，确定包保关系"),
            "by": _("应到 11，实到 10，赞成 10"),
        },
    ]


def _pairs() -> list[dict[str, Any]]:
    return [
        {"label": _("县级领导"), "value": _("沈遥"), "href": HERE},
        {"label": _("联建部门"), "value": _("县农业农村局"), "href": HERE},
        {"label": _("第一书记"), "value": None},
        {"label": _("到村次数"), "value": _("县 9 / 9，镇 34 / 36")},
    ]


def _awaiting() -> list[dict[str, Any]]:
    return [
        {
            "label": _("禾汀镇白石村 · 整顿转化"),
            "sub": _("第一书记已报结六项任务中的五项"),
            "step": _("验收"),
            "due": Deadline(DAY, -1, is_late=True),
            "deed": _("去验收"),
            "kind": "primary",
        },
        {
            "label": _("2025 年度评星定级 · 第二轮互评"),
            "sub": _("16 个乡镇中 14 个已报，缺：禾汀、麓山"),
            "step": _("审定前核对"),
            "due": Deadline(DAY, 1),
            "deed": _("核对"),
            "kind": "secondary",
        },
        {
            "label": _("11 月整顿月通报"),
            "sub": _("数据截至 11 月 20 日，2 个单位触发重点约谈条件"),
            "step": _("待起草"),
            "due": Deadline(DAY, 6),
            "deed": _("起草"),
            "kind": "secondary",
        },
    ]


def _rows() -> list[dict[str, Any]]:
    return [
        {
            "name": _("青林村"),
            "town": _("禾汀镇"),
            "mark": 91_250,
            "money": 5_218_000,
            "grade": _("五星"),
            "state": "done",
        },
        {
            "name": _("杜若村"),
            "town": _("禾汀镇"),
            "mark": 78_600,
            "money": 1_960_050,
            "grade": _("三星"),
            "state": "neutral",
        },
        {
            "name": _("白石村"),
            "town": _("麓山乡"),
            "mark": 52_300,
            "money": 2_100_000,
            "grade": _("一星"),
            "state": "late",
        },
    ]


def _grades() -> dict[str, str]:
    return {
        "5": _("五星"),
        "4": _("四星"),
        "3": _("三星"),
        "2": _("二星"),
        "1": _("一星"),
        "none": _("不予评定"),
    }


def _villages() -> list[dict[str, Any]]:
    """A county of squares, the same at every visit."""
    said = _grades()
    names = [
        _("禾汀镇"),
        _("麓山乡"),
        _("穆溪街道"),
        _("松坪镇"),
        _("云桥乡"),
        _("苇塘镇"),
        _("石渡镇"),
        _("柳浦乡"),
    ]
    return [
        {
            "label": name,
            "squares": [
                {
                    "label": _("%(town)s %(number)d 号村") % {"town": name, "number": n + 1},
                    "grade": (grade := _grade(town * 17 + n)),
                    "said": said[grade],
                    "href": HERE,
                    "chosen": town == 0 and n == 6,
                }
                for n in range(14 + (town * 5) % 6)
            ],
        }
        for town, name in enumerate(names)
    ]


def _grade(n: int) -> str:
    draw = (n * 7919 + 104_729) % 268
    for grade, upto in (("5", 22), ("4", 47), ("3", 139), ("2", 241), ("1", 266)):
        if draw < upto:
            return grade
    return "none"


def _why() -> dict[str, Any]:
    return {
        "summary": _("三会一课 31 / 40，得 7.750 / 10"),
        "arithmetic": _("完成率 = 已开 31 ÷ 应开 40 = 0.775，乘满分 10.000"),
        "facts": _("组织生活 2025 年 1—11 月"),
        "facts_href": HERE,
        "rule": _("完成率"),
        "clause": _("青组发〔2025〕3号 附件二第3项"),
        "clause_href": HERE,
        "rater": _("禾汀镇党委、县委组织部"),
    }


def _found() -> list[dict[str, Any]]:
    return [
        {
            "label": _("人"),
            "hits": [{"label": _("沈遥"), "note": _("县级领导"), "href": HERE, "initials": "sy"}],
        },
        {
            "label": _("组织"),
            "hits": [
                {"label": _("白石村党支部"), "note": _("麓山乡"), "href": HERE, "initials": "bscdzb"},
                {"label": _("白沙村党支部"), "note": _("苇塘镇"), "href": HERE, "initials": "bscdzb"},
            ],
        },
        {
            "label": _("事项"),
            "hits": [
                {"label": _("白石村党支部整顿转化"), "note": _("验收"), "href": HERE, "initials": "bsc"}
            ],
        },
    ]


def _counts() -> list[tuple[str, int]]:
    return list(zip(_grades().values(), (22, 25, 92, 102, 25, 2), strict=True))


def _bars() -> str:
    """A drawing by presentation attributes alone, as our pages require of every chart."""
    widest = max(count for _label, count in _counts())
    lines = [
        f'<text x="0" y="{y + 15}" font-size="13" fill="#5b6472">{label}</text>'
        f'<rect x="76" y="{y}" width="{count * 240 // widest}" height="20" fill="#0f5c63"/>'
        f'<text x="{84 + count * 240 // widest}" y="{y + 15}" font-size="13" fill="#1d2129">{count}</text>'
        for y, (label, count) in zip(range(4, 200, 28), _counts(), strict=False)
    ]
    return f'<svg viewBox="0 0 360 172" width="360" height="172" xmlns="http://www.w3.org/2000/svg">{"".join(lines)}</svg>'
