"""What the clock calls, on one page: the jobs of a day, in order, and what recurs within it."""

from procrastinate.contrib.django import app

from zugong.accounts import jobs as accounts
from zugong.activities import jobs as activities
from zugong.bulletins import jobs as bulletins
from zugong.cases import jobs as cases
from zugong.core import clock
from zugong.core.install import days
from zugong.core.journal import actions as journal
from zugong.duties import jobs as duties
from zugong.imports import jobs as imports
from zugong.ledgers import jobs as ledgers
from zugong.surveys import jobs as surveys

DAILY: list[days.Job] = [
    ("accounts.dormant", accounts.disable_dormant),
    ("accounts.terms", accounts.warn_of_terms),
    ("accounts.released", accounts.tell_of_released),
    ("cases.come-about", cases.come_about),
    ("cases.resume", cases.resume_due),
    ("cases.remind", cases.remind),
    ("duties.run", duties.run),
    ("ledgers.expire", ledgers.expire),
    ("activities.erase", activities.erase),
    ("cases.erase", cases.erase),
    ("duties.erase", duties.erase),
    ("surveys.erase", surveys.erase),
    ("bulletins.erase", bulletins.erase),
    ("bulletins.take-items", bulletins.take_items),
    ("imports.forget", imports.forget),
    ("cases.train", cases.train),
]


@app.periodic(cron="10 16 * * *", periodic_id="daily")  # cron counts in UTC: ten past midnight in Shanghai
@app.task(name="daily", queueing_lock="daily")
def daily(timestamp: int) -> None:
    """Run the day that has begun, and any that were missed."""
    days.catch_up(clock.today())


@app.periodic(cron="* * * * *", periodic_id="seal")
@app.task(name="seal", queueing_lock="seal")
def seal(timestamp: int) -> None:
    """Chain the journal's entries of the last minute."""
    journal.seal()
