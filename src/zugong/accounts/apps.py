from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "zugong.accounts"
    label = "accounts"

    def ready(self) -> None:
        # By this name Django would connect its own receiver, which reads the machine's clock; the first one stays.
        user_logged_in.connect(note_sign_in, dispatch_uid="update_last_login")


def note_sign_in(sender: Any, *, user: Any, **_more: Any) -> None:
    """Note when somebody signed in, on the county's clock: in a demo that is the demo's day, as in the journal."""
    from zugong.core import clock

    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
