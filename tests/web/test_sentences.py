"""What stands beside a question is said in one language, and plainly: Django's own sentences too."""

from io import BytesIO
from pathlib import Path

import django
import pytest
from babel.messages.pofile import read_po
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from zugong.accounts.models import User
from zugong.web.plain import PlainForm
from zugong.web.questions import Count, Day

OURS = Path(__file__).parents[2] / "src/zugong/web/locale/zh_Hans/LC_MESSAGES/django.po"
CHOICES = [("a", "甲")]
WRONG = [
    {},
    {"name": "甲乙丙丁", "count": "1.5", "day": "31号", "one": "x", "many": "a", "mail": "x", "sum": "1.234"},
    {"name": "甲", "count": "99", "many": ["x"], "sum": "多"},
]


class Asked(PlainForm):
    name = forms.CharField(max_length=3)
    count = Count(max_value=9)
    day = Day()
    one = forms.ChoiceField(choices=CHOICES)
    many = forms.MultipleChoiceField(choices=CHOICES)
    file = forms.FileField()
    mail = forms.EmailField()
    sum = forms.DecimalField(decimal_places=2, max_digits=14)


def chinese(sentence: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in sentence)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("answers", WRONG)
def test_beside_a_question_stands_one_language(language: str, answers: dict[str, object]) -> None:
    with translation.override(language):
        errors = [sentence for said in Asked(answers, {}).errors.values() for sentence in said]
    assert errors
    assert {chinese(sentence) for sentence in errors} == {language != "en"}
    assert not any("有效的" in sentence or "确保" in sentence for sentence in errors)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_password_is_refused_in_one_language(language: str) -> None:
    with translation.override(language), pytest.raises(ValidationError) as refused:
        validate_password("password", User(username="passwort"))
    assert len(refused.value.messages) == 3
    assert {chinese(sentence) for sentence in refused.value.messages} == {language != "en"}


def test_django_still_says_what_we_say_better() -> None:
    says = "".join(
        file.read_text()
        for part in ("forms", "core", "contrib/auth")
        for file in (Path(django.__file__).parent / part).glob("*.py")
    )
    for message in read_po(BytesIO(OURS.read_bytes())):
        first = message.id[0] if isinstance(message.id, tuple) else message.id
        assert first[:40] in says, first
