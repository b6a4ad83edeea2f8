"""Addresses of rolls, ledgers, and what waits there for a second person."""

from django.urls import path

from zugong.web.books import ledgers, motions, points, rolls

urlpatterns = [
    path("rolls", rolls.rolls, name="rolls"),
    path("rolls/<slug:name>", rolls.roll, name="roll"),
    path("rolls/<slug:name>/entry", rolls.entry, name="roll-entry"),
    path("rolls/<slug:name>/standings/<int:pk>/striking", rolls.striking, name="roll-striking"),
    path("ledgers", ledgers.ledgers, name="ledgers"),
    path("ledgers/own", points.own, name="ledgers-own"),
    path("ledgers/own/<int:pk>/dispute", points.dispute, name="ledger-dispute"),
    path("ledgers/<slug:name>", ledgers.ledger, name="ledger"),
    path("ledgers/<slug:name>/redemption", points.redemption, name="ledger-redemption"),
    path("ledgers/<slug:name>/filling", ledgers.filling, name="ledger-filling"),
    path("ledgers/<slug:name>/payment", ledgers.payment, name="ledger-payment"),
    path("ledgers/<slug:name>/postings/<int:pk>/reversal", ledgers.reversal, name="ledger-reversal"),
    path("motions", motions.motions, name="motions"),
    path("motions/<int:pk>/answer", motions.answer, name="motion-answer"),
]
