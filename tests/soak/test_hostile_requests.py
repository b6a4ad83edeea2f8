"""Ten thousand hostile requests to every address, by every role: a page or a sentence, and nothing half-written.

Each is drawn by a seed of its own: the form that the page really shows, filled in by a liar, sent in a broken way. It is
answered in a transaction that is taken back, and what it wrote is counted table by table.
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from objects import OBJECTS, World
from test_permissions import HELD, made

from zugong.core.errors import Refused
from zugong.core.journal.models import Entry

SEED = 20261122
MANY, FEW = 10_000, 200
CSRF = "a" * 32
HUGE = "9" * 400
WORDS = [
    "", " ", "0", "-1", "1", "99999999999999999999", HUGE, "1e400", "NaN", "٣", "½", "1.5", "0x10", "true",
    "\x00", "甲\x00乙", "\u202e文", "\ufeff", "\U0001f600", "𠮷", "e\u0301", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "0001-01-01", "9999-12-31", "2025-02-30", "2025-13", "0000-00", "9999-12", "2026-W60", "24:61", "不详",
    "'; DROP TABLE registry_subject; --", "<script>alert(1)</script>", "{{ 7 }}{% debug %}", "%s%n%(x)s", "{0.__class__}",
    "../../../../etc/passwd", "//evil.example/", "javascript:alert(1)", "\r\nSet-Cookie: a=b", "=1+1", "@SUM(A1)",
    "null", "[]", "{}", '{"a":' * 50, "__all__", "__proto__", "pk", "-id", "name__in", "all", "none", "甲" * 60_000, "a," * 3000,
]  # fmt: skip
PARTS = [
    "0",
    "1",
    "-1",
    HUGE[:30],
    "%00",
    "%ff%fe",
    "%2e%2e",
    "..",
    "*",
    "a" * 3000,
    "%E7%94%B2",
    "%E2%80%AE",
    "{x}",
    "%0d%0a",
]
NAMES = [
    "q",
    "page",
    "on",
    "next",
    "sort",
    "state",
    "kind",
    "klass",
    "day",
    "reason",
    "change",
    "csrfmiddlewaretoken",
    "x[]",
    "\x00",
]
METHODS = ["GET"] * 5 + ["POST"] * 9 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
TYPES = [
    "application/json", "text/plain", "text/xml", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 300, "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense", "application/x-www-form-urlencoded; charset=latin-1",
    "multipart/mixed; boundary=x", "nonsense", "", "a/b; c" * 50, "multipart/form-data; boundary=\x00",
]  # fmt: skip
HEADERS = {
    "HTTP_IF_MODIFIED_SINCE": ["Mon, 99 Foo 9999 00:00:00 GMT", "0", "Sun, 22 Nov 2026 00:00:00 GMT"],
    "HTTP_IF_NONE_MATCH": ["*", '"', 'W/"x"', '"' * 500],
    "HTTP_IF_MATCH": ["*", '"nothing"', "\\"],
    "HTTP_RANGE": ["bytes=0-", "bytes=5-1", "bytes=" + "0-1," * 500, "items=x"],
    "HTTP_ACCEPT": ["application/json", "*/*;q=nonsense", "image/" + "x" * 500],
    "HTTP_ACCEPT_LANGUAGE": ["en", "de-CH-1996", "x" * 600, "zh;q=9,*;q=-1", "\xff"],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br;q=x", "identity;q=0"],
    "HTTP_HX_REQUEST": ["true", "maybe"],
    "HTTP_HX_CURRENT_URL": ["http://[", "javascript:1", "%00", "//x"],
    "HTTP_HX_TARGET": ["<x>", "\xff"],
    "HTTP_HX_TRIGGERING_EVENT": ["{", "null"],
    "HTTP_HOST": ["evil.example", "[::1", "testserver:99999", "a b"],
    "HTTP_ORIGIN": ["null", "http://evil.example", "http://[", "x"],
    "HTTP_REFERER": ["http://[", "http://evil.example/a", "//", "\xff"],
    "HTTP_X_FORWARDED_FOR": ["1.2.3.4", "nonsense", "::, ,"],
    "HTTP_X_FORWARDED_PROTO": ["https"],
    "HTTP_COOKIE": ["sessionid=x; messages=x; language=../en; large_type=9", "=;=;\xff", "sessionid=" + "s" * 4000],
    "HTTP_CONTENT_ENCODING": ["gzip"],
    "HTTP_TRANSFER_ENCODING": ["chunked"],
    "CONTENT_LENGTH": ["-1", "0", "99999999999", "5"],
}  # fmt: skip
# What a page of figures or a file may write down: that it was read. A refusal may leave its own line, and no other.
READING, REFUSING = (
    re.compile(r"\.(export|read|open|download|print)|read|view|file|time-out"),
    re.compile(r"^refused$|fail|lock"),
)
SENTENCE = re.compile(r"[\u4e00-\u9fff]{6,}|(?:[A-Za-z,]+ ){3,}")
ASIDE = {  # what counts attempts is written by those refused, too
    "django_session", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog", "pacing_tally", "journal_entry",
}  # fmt: skip


# --- What is sent -------------------------------------------------------------------------


class Forms(HTMLParser):
    """The forms of a page: for each its address, and its questions with what they offer."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._asked = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post":
            self.forms.append((said.get("action", ""), []))
        elif tag == "select":
            self._asked = said.get("name", "")
        elif not self.forms:
            return
        elif tag == "option" and self._asked:
            self.forms[-1][1].append((self._asked, said.get("value", "")))
        elif tag in ("input", "textarea", "button") and said.get("name"):
            kind = "\0file" if said.get("type") == "file" else said.get("value", "")
            self.forms[-1][1].append((said["name"], kind))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._asked = ""


@dataclass
class Sent:
    """One request, so that a failure can be read."""

    role: str
    name: str
    method: str
    path: str
    query: str
    type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.role} {self.method} {self.path[:200]}?{self.query[:200]} [{self.type[:60]}] {self.body[:600]!r} {str(self.headers)[:300]}"


class Liar:
    """Makes requests up from a seed."""

    def __init__(self, world: World) -> None:
        self.world, self.dice = world, random.Random()
        self.patterns = list(patterns())
        self.things: dict[tuple[object, str], dict[str, Any]] = {}
        self.seen: dict[tuple[str, str], tuple[str, list[tuple[str, str]]]] = {}

    def request(self, seed: int) -> Sent:
        """One request: an address, somebody, and what they send."""
        dice = self.dice
        dice.seed(seed)
        pattern = dice.choice(self.patterns)
        role = dice.choice(["nobody", *HELD, *["desk"] * 12])
        path = self.path(pattern)
        method = dice.choice(METHODS)
        query, type, body, headers = "", "", b"", {}
        if dice.random() < 0.5:
            query = self.query()
        if method not in ("GET", "HEAD") or dice.random() < 0.1:
            path, type, body = self.posted(role, path)
        if dice.random() < 0.8:
            headers["HTTP_X_CSRFTOKEN"] = CSRF
        for name in dice.sample(list(HEADERS), dice.choice([0, 0, 0, 1, 2, 4])):
            headers[name] = dice.choice(HEADERS[name])
        return Sent(role, pattern.name or "", method, path, query, type, body, headers)

    def path(self, pattern: URLPattern) -> str:
        dice, name = self.dice, pattern.name or ""
        arguments = (
            self.thing(name, dice.choice(["village", "township", "county"])) if name in OBJECTS else {}
        )
        try:
            path = reverse(name, kwargs=arguments)
        except NoReverseMatch:
            path = "/"
        if arguments and dice.random() < 0.2:
            value = str(dice.choice(list(arguments.values())))
            path = path.replace(f"/{value}", f"/{dice.choice(PARTS)}", 1)
        if dice.random() < 0.05:
            path += dice.choice(["/", "//", "%00", "/../", ";x", "%2f", "/" + dice.choice(PARTS)])
        return path

    def thing(self, name: str, place: str) -> dict[str, Any]:
        """What an address with arguments points to, made the first time it is asked for."""
        make = OBJECTS[name]
        if (make, place) not in self.things:
            try:
                with transaction.atomic():
                    self.things[make, place] = make(self.world, self.world.organisations[place])
            except (IntegrityError, Refused):  # it stands only once, and something else is it
                near = [made for (other, _), made in self.things.items() if other is make]
                self.things[make, place] = near[0] if near else {"pk": 1}
        return self.things[make, place]

    def query(self) -> str:
        dice = self.dice
        if dice.random() < 0.1:
            return dice.choice(["%", "&&&=", "%ff=%fe", "a=" + "b" * 5000, "a&" * 1500, "%00=%00", "=" * 50])
        pairs = [(dice.choice(NAMES), self.word()) for _ in range(dice.randint(1, 4))]
        return urlencode(pairs, errors="surrogatepass")

    def word(self) -> str:
        return self.dice.choice(WORDS)

    def posted(self, role: str, path: str) -> tuple[str, str, bytes]:
        """A body: the page's own form, with lies in it, sent whole or broken; or plain garbage."""
        dice = self.dice
        if dice.random() < 0.15:
            garbage = dice.choice(
                [b"", b"\x00" * 100, b"{", b"%%%=&;", bytes(range(256)), b"[" * 5000, b"<a>"]
            )
            return path, dice.choice(TYPES), garbage
        if (role, path) not in self.seen:
            self.seen[role, path] = self.form(role, path)
        address, asked = self.seen[role, path]
        pairs: list[tuple[str, str]] = []
        for name in dict.fromkeys(name for name, _ in asked):
            offered = [value for other, value in asked if other == name]
            pairs += [(name, self.answer(name, offered))] * dice.choice([1, 1, 1, 1, 1, 1, 0, 2])
        if dice.random() < 0.3 or not pairs:
            pairs += [(dice.choice(NAMES), self.word()) for _ in range(dice.randint(1, 3))]
        if dice.random() < 0.02:
            pairs += [(f"more-{number}", "x") for number in range(1500)]
        pairs = [pair for pair in pairs if pair[0] != "csrfmiddlewaretoken"]
        token = dice.choice([CSRF] * 12 + ["", "x", "b" * 32, "\x00" * 32])
        pairs.append(("csrfmiddlewaretoken", token))
        if dice.random() < 0.1:
            return address, "application/json", json.dumps(dict(pairs)).encode()
        if dice.random() < 0.5 and not any(value == "\0file" for _, value in pairs):
            return address, "application/x-www-form-urlencoded", urlencode(pairs).encode()
        return address, *self.parts(pairs)

    def form(self, role: str, path: str) -> tuple[str, list[tuple[str, str]]]:
        """A form of the page, as somebody who may open it sees it; of a page without any, names that others have."""
        whole = unhurt(path)
        for name, there in ((role, whole), ("desk", whole), ("desk", whole.rpartition("/")[0] or "/")):
            page = client(self.world, name).get(there)
            if page.status_code == 200 and not page.streaming and "html" in page["Content-Type"]:
                forms = [one for one in Forms(page.content.decode()).forms if not one[0].startswith("/frame")]
                meant = [one for one in forms if urlsplit(one[0]).path == path] or forms
                if meant:
                    address, asked = self.dice.choice(meant)
                    return urlsplit(address).path or there, asked
        return path, [(name, "") for name in self.dice.sample(NAMES, 3)]

    def answer(self, name: str, offered: list[str]) -> str:
        if offered == ["\0file"]:
            return "\0file" if self.dice.random() < 0.8 else self.word()
        return self.word() if self.dice.random() < 0.35 else self.dice.choice(offered) or "甲"

    def parts(self, pairs: list[tuple[str, str]]) -> tuple[str, bytes]:
        """A multipart body, sometimes cut off or with a wrong boundary."""
        dice, lines = self.dice, []
        for name, value in pairs:
            head = f'Content-Disposition: form-data; name="{quote(name, safe="") if dice.random() < 0.05 else name}"'
            content = value.encode("utf-8", "surrogatepass")
            if value == "\0file":
                called = dice.choice(
                    ["a.xlsx", "a.pdf", "../../a.png", "", "a\x00.zip", "甲" * 300 + ".zip", "a.exe"]
                )
                head += f'; filename="{called}"\r\nContent-Type: {dice.choice(["image/png", "x", "application/zip"])}'
                content = self.file()
            head += dice.choice([""] * 20 + ["\r\nContent-Transfer-Encoding: base64", "\r\nX: " + "y" * 2000])
            lines.append(b"--edge\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n")
        body = b"".join(lines) + b"--edge--\r\n"
        if dice.random() < 0.2:
            body = body[: dice.randrange(len(body))]
        return dice.choice(["multipart/form-data; boundary=edge"] * 9 + TYPES), body

    def file(self) -> bytes:
        dice = self.dice
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as packed:
            packed.writestr(
                dice.choice(["pack.yaml", "../x.yaml", "xl/workbook.xml", "a" * 500]), dice.choice(WORDS)
            )
        whole = [
            b"",
            b"\x89PNG\r\n\x1a\n1",
            b"%PDF-1.7",
            b"MZ\x90",
            zipped.getvalue(),
            bytes(range(256)) * 20,
        ]
        content = dice.choice(whole)
        return content[: dice.randint(0, len(content))] if dice.random() < 0.2 else content


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address of the real URLconf."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one)
        else:
            yield one


def client(world: World, role: str) -> Client:
    """A browser of a role on the real stack, forged forms refused; a crash is an answer of its own."""
    one = Client(enforce_csrf_checks=True, raise_request_exception=False)
    one.cookies[settings.CSRF_COOKIE_NAME] = CSRF
    if role != "nobody":
        one.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
    return one


def unhurt(path: str) -> str:
    return path if path.isascii() and "\x00" not in path else "/"


# --- What came of it ------------------------------------------------------------------------


def tables() -> list[str]:
    return sorted(set(connection.introspection.table_names()) - {"django_migrations"})


def standing(names: list[str]) -> dict[str, tuple[int, int]]:
    """How many rows each table has, and which: a row that was written anew lies elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), coalesce(sum(hashtext(xmin::text || ctid::text)), 0) FROM \"{name}\""
                for name in names
            )
        )
        return {name: (int(rows), int(which)) for name, rows, which in cursor.fetchall()}


def words(page: str) -> str:
    """What a page itself says, without its frame."""
    return re.sub(r"<[^>]*>", " ", page.partition('id="page"')[2].partition("</main>")[0])


def troubles(sent: Sent, world: World, names: list[str], came: Counter[int]) -> list[str]:
    """Send it; say what is wrong with the answer, or with what it wrote."""
    before = standing(names)
    last = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    one = client(world, sent.role)
    environ = {
        "REQUEST_METHOD": sent.method,
        "PATH_INFO": unquote_to_bytes(sent.path).decode("latin-1"),
        "QUERY_STRING": sent.query,
        "CONTENT_TYPE": sent.type,
        "CONTENT_LENGTH": str(len(sent.body)),
        "wsgi.input": io.BytesIO(sent.body),
        **sent.headers,
    }
    try:
        response = one.request(**environ)
    except Exception as escaped:  # past every page of errors: the server would hang up
        return [f"escaped: {escaped!r}"]
    came[response.status_code] += 1
    crash = getattr(response, "exc_info", None)
    if response.status_code >= 500 or crash:
        return [f"{response.status_code}: {crash[1]!r}" if crash else f"{response.status_code}"]
    found = []
    whole = b"".join(response.streaming_content) if response.streaming else response.content
    if response.get("Content-Encoding") == "gzip":
        whole = gzip.decompress(whole)
    kind = response.get("Content-Type", "")
    text = whole.decode("utf-8", "replace") if any(one in kind for one in ("html", "xml", "json")) else ""
    if "Traceback" in text:
        found.append("a traceback")
    refused = response.status_code >= 400
    if refused and sent.method != "HEAD" and not SENTENCE.search(words(text) if "html" in kind else text):
        found.append(f"{response.status_code} without a sentence: {whole[:200]!r}")
    after = standing(names)
    changed = {name for name in names if before[name] != after[name]} - ASIDE
    entries = list(Entry.objects.filter(id__gt=last).values_list("deed", flat=True))
    asked_only = sent.method not in ("POST", "PUT", "PATCH", "DELETE")
    took_in = "request.receive" in entries  # a receipt is answered at once: its code is shown nowhere else
    if (refused or asked_only or (response.status_code == 200 and not took_in)) and changed:
        found.append(f"{response.status_code} and yet wrote {changed} ({entries})")
    if refused and [deed for deed in entries if not REFUSING.search(deed)]:
        found.append(f"{response.status_code} and yet the journal says {entries}")
    if changed - UNTOLD and not entries:
        found.append(f"wrote {changed} and told nobody")
    if asked_only and [deed for deed in entries if not (READING.search(deed) or REFUSING.search(deed))]:
        found.append(f"{sent.method} and yet the journal says {entries}")
    return found


# Written without a line in the journal: what waits for its maker alone, and is not yet a deed.
UNTOLD = {"accounts_secondfactor"}  # a key that no phone holds yet


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield made()
        transaction.set_rollback(True)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Each refusal is a line of the log; ten thousand of them would bury what the test says."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.soak
def test_a_hostile_request_is_a_page_or_a_sentence_and_leaves_nothing_half_written(
    world: World, whole: bool, quiet: None
) -> None:
    many = MANY if whole else FEW
    liar, names, wrong, came = Liar(world), tables(), [], Counter[int]()
    for number in range(many):
        sent = liar.request(SEED + number)
        with transaction.atomic():
            found = troubles(sent, world, names, came)
            wrong += [f"{SEED + number}: {trouble}\n    {sent}" for trouble in found]
            transaction.set_rollback(True)
    print(
        f"hostile requests: {many} from seed {SEED}, answered {dict(sorted(came.items()))}, {len(wrong)} troubles"
    )
    assert {
        200,
        302,
        400,
        403,
        404,
        405,
    } <= came.keys()  # they come as far as pages, deeds and every kind of refusal
    assert not wrong, "\n".join(wrong[:40])
