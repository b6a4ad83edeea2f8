"""Addresses of cases: each names the record it makes."""

from django.urls import path

from zugong.web.cases import hot, stuck, ties, views

urlpatterns = [
    path("cases", views.cases, name="cases"),
    path("cases.xlsx", views.sheet, name="cases-sheet"),
    path("cases/progress", views.progress, name="cases-progress"),
    path("cases/stuck", stuck.stuck, name="cases-stuck"),
    path("cases/stuck.xlsx", stuck.sheet, name="cases-stuck-sheet"),
    path("requests/hot", hot.issues, name="requests-hot"),
    path("cases/new", views.new, name="case-new"),
    path("cases/<int:pk>", views.case, name="case"),
    path("cases/<int:pk>/receipt", views.receipt, name="case-receipt"),
    path("cases/<int:pk>/submission", views.submission, name="case-submission"),
    path("cases/<int:pk>/answer", views.answer, name="case-answer"),
    path("cases/<int:pk>/return", views.step, {"deed": "return"}, name="case-return"),
    path("cases/<int:pk>/extension", views.step, {"deed": "extend"}, name="case-extension"),
    path("cases/<int:pk>/pause", views.step, {"deed": "pause"}, name="case-pause"),
    path("cases/<int:pk>/resumption", views.step, {"deed": "resume"}, name="case-resumption"),
    path("cases/<int:pk>/withdrawal", views.step, {"deed": "withdraw"}, name="case-withdrawal"),
    path("cases/<int:pk>/merger", views.merger, name="case-merger"),
    path("cases/<int:pk>/evidence", views.evidence, name="case-evidence"),
    path("cases/<int:pk>/holder", views.holder, name="case-holder"),
    path("cases/<int:pk>/ties", ties.ties, name="case-ties"),
    path("cases/<int:pk>/ties/<int:link>", ties.tie, name="case-tie"),
    path("organisations/<int:pk>/ties", ties.organisation_ties, name="organisation-ties"),
    path("organisations/<int:pk>/ties/<int:link>", ties.organisation_tie, name="organisation-tie"),
    path("cases/<int:pk>/list.docx", views.list_paper, name="case-list"),
    path("cases/<int:pk>/files/<int:file>", views.file, name="case-file"),
]
