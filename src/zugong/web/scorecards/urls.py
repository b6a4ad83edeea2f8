"""Addresses of ratings."""

from django.urls import path

from zugong.web.scorecards import deciding, final, giving, marking, trying, views

urlpatterns = [
    path("ratings", views.ratings, name="ratings"),
    path("ratings/decided/<slug:card>", deciding.grades, name="rating-grades"),
    path("ratings/giving-up/<slug:card>/<str:day>", giving.giving, name="rating-giving-up"),
    path("ratings/giving-up/<slug:card>/<str:day>/answer", giving.answer, name="rating-giving-up-answer"),
    path("ratings/marks", marking.marks, name="marks"),
    path(
        "ratings/marks/<int:rater>/<slug:card>/<slug:indicator>/<slug:stage>",
        marking.sheet,
        name="marks-sheet",
    ),
    path("ratings/<int:pk>", views.rating, name="rating"),
    path("ratings/<int:pk>/what-if", trying.what_if, name="rating-what-if"),
    path("ratings/<int:pk>/what-if/draft", trying.save, name="rating-what-if-draft"),
    path("ratings/<int:pk>/recomputation", deciding.recomputation, name="rating-recomputation"),
    path("ratings/<int:pk>/decision", deciding.decision, name="rating-decision"),
    path("ratings/<int:pk>/publication", deciding.publication, name="rating-publication"),
    path("ratings/<int:pk>/candidates", views.candidates, name="rating-candidates"),
    path("ratings/<int:pk>/announcement", final.announcement, name="rating-announcement"),
    path("ratings/<int:pk>/ties", final.ties, name="rating-ties"),
    path("ratings/<int:pk>/hearings/<int:hearing_pk>", final.comment, name="rating-comment"),
    path(
        "ratings/<int:pk>/adjustments/<int:adjustment>",
        final.adjustment_answer,
        name="rating-adjustment-answer",
    ),
    path("ratings/<int:pk>/units/<str:key>/objection", final.objection, name="rating-objection"),
    path("ratings/<int:pk>/units/<str:key>/adjustment", final.adjustment, name="rating-adjustment"),
    path("ratings/<int:pk>/units/<str:key>/files/<int:file>", final.file, name="rating-file"),
    path("ratings/<int:pk>/units/<str:key>", views.unit, name="rating-unit"),
    path("ratings/<int:pk>/units/<str:key>/figures/<slug:figure>", views.figure, name="rating-figure"),
]
