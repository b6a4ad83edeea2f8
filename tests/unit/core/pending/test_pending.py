"""Effects that wait are collected once, messages are written once, whoever is at it at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from zugong.core.outbox.actions import Letter, send, send_all
from zugong.core.outbox.models import Message
from zugong.core.pending.actions import collect, leave
from zugong.core.pending.models import Pending
from zugong.core.sentences import Sentence

DAY = date(2025, 3, 10)


def left(key: str, due_on: date = DAY) -> None:
    leave(key=key, verb="open", name="loop", subject=1, due_on=due_on, cause="t")


@pytest.mark.django_db
def test_the_same_key_leaves_nothing_a_second_time():
    left("a")
    left("a")
    assert Pending.objects.count() == 1


@pytest.mark.django_db
def test_what_is_due_is_collected_once_and_what_is_not_waits():
    left("today")
    left("tomorrow", date(2025, 3, 11))
    assert [row.key for row in collect("open", DAY)] == ["today"]
    assert [row.key for row in collect("open", DAY)] == []
    assert [row.key for row in collect("open", date(2025, 3, 12))] == ["tomorrow"]


@pytest.mark.django_db
def test_a_deed_that_fails_leaves_its_effect_to_be_collected_again():
    left("a")

    @transaction.atomic
    def deed() -> None:
        for _ in collect("open", DAY):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()
    assert [row.key for row in collect("open", DAY)] == ["a"]


@pytest.mark.django_db
def test_many_messages_are_written_once_for_a_key():
    letters = [Letter(f"k{n % 3}", "wang", Sentence("您有一件待办")) for n in range(9)]
    assert [send_all(letters), send_all(letters)] == [3, 0]
    assert not send(Letter(key="k0", to="wang", sentence=Sentence("您有一件待办")))


def at_once(work) -> list:
    """Four threads, each on a connection of its own."""

    def one(_) -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, range(4)))


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_collect_each_effect_once():
    for n in range(40):
        left(f"k{n}")

    def work() -> list[str]:
        with transaction.atomic():
            return [row.key for row in collect("open", DAY)]

    found = [key for keys in at_once(work) for key in keys]
    assert sorted(found) == sorted({f"k{n}" for n in range(40)})


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_write_a_message_once():
    assert sum(at_once(lambda: send(Letter(key="k", to="wang", sentence=Sentence("您有一件待办"))))) == 1
    assert Message.objects.count() == 1
