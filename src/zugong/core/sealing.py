"""What the database keeps and cannot read: sealed under the machine's own secret key, which is not in it.

Whoever has the whole database, and not the machine's key, reads nothing of it; every sealing looks different, even of
the same words, and is as long as the words are.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

# Neither 0 nor O, neither 1 nor I nor L: codes are read from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class Unreadable(Exception):  # noqa: N818 - a state of the data, no mistake of the program
    """It was sealed under another machine's key."""


def seal(purpose: str, plain: str) -> str:
    """Seal words for a purpose; what is sealed for one purpose cannot be opened for another."""
    return _cipher(purpose).encrypt(plain.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """Read what was sealed for a purpose. Raises Unreadable for what another machine sealed."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def new_code() -> str:
    """Return a code that nobody guesses (59 bits) and that can be read out: 7KQM-2XHP-V9TD."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def digest(purpose: str, code: str) -> str:
    """Return what is kept of a code: however it was typed, the same 64 letters."""
    plain = "".join(letter for letter in code.upper() if letter in ALPHABET)
    return hashlib.sha256(f"{purpose} {settings.SECRET_KEY} {plain}".encode()).hexdigest()


def _cipher(purpose: str) -> Fernet:
    key = hashlib.sha256(f"{purpose} {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
