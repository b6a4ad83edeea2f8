"""Addresses of signing in, one's own account, and the administrators' pages."""

from django.urls import path

from zugong.web.accounts import jobs, keys, own, proposals, signing, users

urlpatterns = [
    path("signin", signing.sign_in, name="sign-in"),
    path("signin/demo", signing.sign_in_demo, name="sign-in-demo"),
    path("signout", signing.sign_out, name="sign-out"),
    path("health", signing.health, name="health"),
    path("account", own.account, name="account"),
    path("account/password", own.password, name="password"),
    path("account/second-factor", own.second_factor, name="second-factor"),
    path("account/second-factor/new", own.second_factor_new, name="second-factor-new"),
    path("account/second-factor/key.svg", own.second_factor_qr, name="second-factor-qr"),
    path("users", users.users, name="accounts"),
    path("users/new", users.user_new, name="account-new"),
    path("users/<int:pk>", users.user, name="account-of"),
    path("users/<int:pk>/state", users.user_state, name="account-state"),
    path("users/<int:pk>/grants", users.grant_ask, name="grant-ask"),
    path("users/<int:pk>/second-factor", users.reset_ask, name="second-factor-reset"),
    path("grants/<int:pk>/revocation", users.grant_revoke, name="grant-revoke"),
    path("proposals", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/answer", proposals.proposal_answer, name="proposal-answer"),
    path("in-force", proposals.in_force, name="in-force"),
    path("keys", keys.keys, name="keys"),
    path("keys/<int:pk>/revocation", keys.key_revocation, name="key-revocation"),
    path("jobs", jobs.jobs, name="jobs"),
]
