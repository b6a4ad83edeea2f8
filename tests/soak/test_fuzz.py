"""Programs that send anything to Open311: every answer is one that the interface's own description knows, and no crash.

What is sent is drawn from the description by a fixed seed: as it allows, and as it does not; half of what asks has a key.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

import georeport
from georeport import LAMP, NAMES, ROAD
from zugong.cases.models import Case

SEED, FEW, MANY = 20261122, 6, 300
HELD = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def key(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A county that takes requests in, and the key of a system."""
    with django_db_blocker.unblock(), transaction.atomic():
        georeport.county()
        yield georeport.key()
        transaction.set_rollback(True)


@pytest.fixture
def quiet() -> Iterator[None]:
    """No line of the log for each refusal; and the connection stays, whose transaction is taken back."""
    logging.disable(logging.CRITICAL)
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)
    logging.disable(logging.NOTSET)


@pytest.mark.soak
def test_whatever_a_program_sends_is_answered_as_the_description_says(
    key: str, whole: bool, db: None, quiet: None
) -> None:
    described = schemathesis.openapi.from_wsgi("/open311/openapi.json", get_wsgi_application())
    came: Counter[int] = Counter()
    for found in described.get_all_operations():
        for mode in GenerationMode:
            _storm(found.ok(), mode, key, MANY if whole else FEW, came)
    assert {200, 201, 400, 403, 404} <= came.keys(), came
    print(f"Open311: seed {SEED}, answered {dict(sorted(came.items()))}")


def _storm(operation: Any, mode: GenerationMode, key: str, many: int, came: Counter[int]) -> None:
    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=many, database=None, deadline=None, derandomize=False,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode), number=hypothesis.strategies.integers(0, 3)
    )
    def sent(case: Any, number: int) -> None:
        if isinstance(case.body, dict) and number:
            case.body |= {"api_key": key, "service_code": NAMES[LAMP if number > 1 else ROAD]}
            case.body |= {"address_string": "青穆县"} if number > 2 else {}
        with transaction.atomic():
            before = Case.objects.count()
            answer = case.call(headers={"Accept-Encoding": "identity"})
            case.validate_response(answer, checks=HELD)
            came[answer.status_code] += 1
            assert Case.objects.count() - before == (answer.status_code == 201)
            transaction.set_rollback(True)

    sent()
