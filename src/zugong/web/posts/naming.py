"""What those are called who answer for something: a body by its name, a post with who acts for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from zugong.packs.policy import Policy
from zugong.packs.schema import Classes
from zugong.registry.answering import answering, deputised
from zugong.registry.models import Particulars, names_on
from zugong.registry.rules import POST
from zugong.web.asking import said


def post_words(policy: Policy | None) -> dict[str, str]:
    """Return what the pack calls each class of post."""
    entries = policy.all("classes", Classes) if policy else []
    return {item.id: said(item) for entry in entries if entry.of == POST for item in entry.items}


def post_title(row: Particulars, policy: Policy | None, day: date) -> str:
    """Return what a post is called with its body: 白石村党支部党组织书记."""
    body = names_on(day, [row.parent_id or 0]).get(row.parent_id or 0, "")
    return f"{body}{post_words(policy).get(row.klass, row.name)}"


def called(subjects: Iterable[int | None], policy: Policy | None, day: date) -> dict[int, str]:
    """Return the names of persons and bodies as they are, and of posts with their body and with who answers for them."""
    asked = {pk for pk in subjects if pk}
    names = names_on(day, asked)
    posts = {
        row.subject_id: row
        for row in Particulars.objects.on(day).filter(subject__in=asked, subject__noun=POST)
    }
    if not posts:
        return names
    answers = answering(frozenset(posts), day)
    words, owners = (
        post_words(policy),
        names_on(day, [row.parent_id for row in posts.values() if row.parent_id]),
    )
    who = names_on(day, answers.values())
    stood_in = {post for person in set(answers.values()) for post in deputised(person, day)}
    held = set(answers.values()) - set(_bodies(answers.values(), day))
    for post, row in posts.items():
        title = f"{owners.get(row.parent_id or 0, '')}{words.get(row.klass, row.name)}"
        answer = answers.get(post, 0)
        name = {"who": who.get(answer, "")}
        if answer not in held:
            bracket = _("无人在岗，由%(who)s代收") % name
        else:
            bracket = _("%(who)s代理") % name if post in stood_in else name["who"]
        names[post] = _("%(title)s（%(who)s）") % {"title": title, "who": bracket}
    return names


def _bodies(subjects: Iterable[int], day: date) -> list[int]:
    rows = Particulars.objects.on(day).filter(subject__in=set(subjects), subject__noun="organisation")
    return list(rows.values_list("subject_id", flat=True))
