"""How the office writes marks, money and days, and what a deadline says of itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.core.paginator import Paginator
from django.forms import CharField, ChoiceField, Form, IntegerField
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext_lazy

from zugong.core import clock
from zugong.web.due import Deadline
from zugong.web.templatetags import zugong as tags


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


def drawn(source: str, **context: object) -> str:
    request = RequestFactory().get("/list?sort=name&page=3&town=1")
    return Template("{% load zugong %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("thousandths", "written"),
    [(91_250, "91.250"), (0, "0.000"), (5, "0.005"), (-1_500, "−1.500"), (-5, "−0.005"), (None, "—")],
)
def test_a_mark_has_three_places(thousandths: int | None, written: str) -> None:
    assert tags.marks(thousandths) == written


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (500_000, "5000元", "¥5,000"),
        (500_050, "5000.50元", "¥5,000.50"),
        (-1, "−0.01元", "−¥0.01"),
        (None, "—", "—"),
    ],
)
def test_money_is_written_as_the_office_writes_it(fen: int | None, chinese: str, english: str) -> None:
    assert tags.money(fen) == chinese
    with translation.override("en"):
        assert tags.money(fen) == english


def test_a_day_is_written_without_zeros() -> None:
    assert tags.day(date(2025, 12, 8)) == "2025年12月8日"
    assert tags.short_day(date(2025, 1, 8)) == "1月8日"
    assert tags.weekday(date(2025, 12, 8)) == "星期一"
    with translation.override("en"):
        assert tags.day(date(2025, 12, 8)) == "8 December 2025"


def test_an_instant_belongs_to_the_day_it_has_in_the_county() -> None:
    assert tags.day(datetime(2025, 12, 7, 16, 30, tzinfo=UTC)) == "2025年12月8日"
    assert tags.clock_time(datetime(2025, 12, 7, 16, 30, tzinfo=UTC)) == "00:30"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-3, "逾期 3 个工作日"),
        (3, "还剩 3 个工作日"),
        (4, "12月8日"),
        (None, "12月8日"),
    ],
)
def test_a_deadline_says_how_near_it_is(left: int | None, words: str) -> None:
    assert words in drawn("{% due_tag due %}", due=Deadline(date(2025, 12, 8), left))


@pytest.mark.parametrize(("due", "words"), [(31, "已过期限"), (30, "12月30日"), (29, "今日到期")])
def test_a_deadline_without_a_working_day_left_is_today_only_on_its_day(due: int, words: str) -> None:
    today = date(2025, 12, 29) if due < 31 else date(2026, 1, 1)
    with clock.standing(today):
        day = date(2025, 12, due)
        written = drawn("{% due_tag due %}", due=Deadline(day, 0, is_late=day < today))
    assert words in written
    assert ("今日到期" in written) == (due == 29)


def test_a_deadline_on_an_unpublished_calendar_says_so() -> None:
    assert "暂算" in drawn("{% due_tag due %}", due=Deadline(date(2027, 12, 8), 9, provisional=True))


def test_no_deadline_is_said_and_not_left_blank() -> None:
    assert "未设期限" in drawn("{% due_tag due %}", due=None)


def test_a_query_keeps_what_it_does_not_change() -> None:
    assert drawn("{% query page=4 %}") == "?sort=name&amp;page=4&amp;town=1"
    assert drawn("{% query page=None %}") == "?sort=name&amp;town=1"


def test_a_column_sorted_upwards_offers_downwards_and_starts_at_the_first_page() -> None:
    head = drawn('{% sorter "name" "村" %}')
    assert 'aria-sort="ascending"' in head
    assert 'href="?sort=-name&amp;town=1"' in head


def test_a_hundred_thousand_rows_take_few_links() -> None:
    foot = drawn("{% pager page %}", page=Paginator(range(100_000), 50).get_page(900))
    assert "共 100000 行" in foot
    assert foot.count("<li>") < 14


def test_an_empty_answer_is_asked_for_by_name_with_the_same_words_twice() -> None:
    class Asked(Form):
        name = CharField(label="任务名称")

    form = Asked({})
    assert "请填写“任务名称”" in drawn("{% error_summary form %}", form=form)
    assert "请填写“任务名称”" in drawn("{% field form.name %}", form=form)
    assert 'aria-invalid="true"' in drawn("{% field form.name %}", form=form)


def test_the_summary_says_which_answer_is_wrong() -> None:
    class Asked(Form):
        amount = IntegerField(label=gettext_lazy("投入资金（元）"))

    assert ">投入资金（元）：请填整数<" in drawn("{% error_summary form %}", form=Asked({"amount": "五千"}))


def test_a_body_is_escaped_where_its_writer_escaped_it_and_only_there() -> None:
    card = drawn("{% card title=title %}{{ body }}{% endcard %}", title="<b>", body="<i>")
    assert "&lt;b&gt;" in card
    assert "&lt;i&gt;" in card
    assert "&amp;lt;" not in card


def test_a_long_list_of_choices_is_searched_by_name_pinyin_or_initials_and_a_short_one_is_not() -> None:
    people = [("1", "李禾"), *((str(n), f"王{n}") for n in range(2, 40))]

    def asks(choices: list) -> str:
        form = type("Asking", (Form,), {"who": ChoiceField(choices=choices)})()
        return drawn("{% field form.who %}", form=form)

    assert "[&quot;lihe&quot;,&quot;lh&quot;]" in asks([("", "请选择"), ("组织", people)])
    assert "data-find" not in asks(people[: tags.FEW])
    assert "data-find" in drawn("<select{% finding people %}>", people=people)


def test_one_minute_is_no_minutes() -> None:
    with translation.override("en"):
        assert '1</span> <span class="number-unit">minute / village' in drawn(
            '{% number "" 1 unit="minutes / village" %}'
        )
        assert '2</span> <span class="number-unit">minutes' in drawn('{% number "" 2 unit="minutes" %}')
