"""The site as a process of its own, seen by a browser."""

import pytest

from zugong.core.install.models import Installation


def test_a_first_start_claims_the_database_for_a_county(live):
    with live.database():
        assert Installation.objects.get().kind == "county"


@pytest.mark.browser
def test_a_browser_is_told_to_run_no_script_from_elsewhere(live, page):
    answer = page.goto(live.url + "/signin")
    assert answer.status < 500
    assert "script-src 'self'" in answer.headers["content-security-policy"]
