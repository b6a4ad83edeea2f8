"""Who may sign in: with a password or a one-time code; a demo's people in a demo alone."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from zugong.accounts import actions
from zugong.accounts.models import User
from zugong.core import clock


class SignIn(ModelBackend):
    """A password or a one-time code. A demo's people have neither: a demo's page signs them in."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Return the user who so proves who they are."""
        if not username or not password:
            return None
        user = User.objects.filter(username=username.strip().lower()).first()
        if user is None or not self.user_can_authenticate(user) or user.is_demo:
            User().set_password(password)  # takes as long as a wrong password does
            return None
        if user.check_password(password) or actions.use_code(user, password, at=clock.instant()):
            return user
        return None

    def user_can_authenticate(self, user: AbstractBaseUser | AnonymousUser | None) -> bool:
        """Refuse a closed account, and a demo's people anywhere else; asked again at every request."""
        return isinstance(user, User) and user.is_active and (settings.DEMO or not user.is_demo)
