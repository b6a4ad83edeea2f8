"""What can be done with a draft of a pack, until two people put it in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from zugong.accounts import actions, powers
from zugong.accounts.models import Draft, Proposal, User
from zugong.core import journal
from zugong.core.errors import PackErrors, Refused
from zugong.core.sentences import Sentence
from zugong.packs import unpacking, writing
from zugong.packs.checks import examine
from zugong.packs.findings import Finding
from zugong.packs.mechanisms import beside
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.registry.models import Edition


@transaction.atomic
def begin(
    *, by: User, day: date, at: datetime, base: Edition | None, name: str = "", content: bytes = b""
) -> Draft:
    """Begin a draft over an edition, of its texts or of what is sent in: a .zip of a folder, or one .yaml.

    Raises Refused for what cannot be read, and where there is no edition and no whole folder.
    """
    if not powers.may_draft(by, day):
        raise Refused("制度包草稿由安全管理员或评星定级的经办人起草")
    texts = dict(base.texts[base.pack]) if base else {}
    pack = base.pack if base else ""
    if content:
        texts = _brought(texts, name, content)
        pack = unpacking.name_of(texts)
    if not texts:
        raise Refused("还没有生效的制度包，请上传整个文件夹的 .zip", field="file")
    draft = Draft.objects.create(author=by, pack=pack, base=base, texts=texts, since=day, changed_at=at)
    journal.write("draft.begin", by=by, on=draft)
    return draft


@transaction.atomic
def bring(draft: Draft, name: str, content: bytes, *, by: User, at: datetime) -> None:
    """Take in another .zip, which replaces all, or one .yaml, which replaces the file of its name. Raises Refused."""
    _hold(draft, by)
    texts = _brought(draft.texts, name, content)
    if (said := unpacking.name_of(texts)) != draft.pack:
        raise Refused("这是“{pack}”的草稿，上传的是“{said}”", pack=draft.pack, said=said, field="file")
    _keep(draft, texts, by=by, at=at)


@transaction.atomic
def write(draft: Draft, path: str, text: str, *, by: User, at: datetime) -> None:
    """Write one file of a draft; an empty text takes the file away. Raises Refused."""
    _hold(draft, by)
    path = unpacking.path_of(path)
    text = unpacking.text_of(text.encode("utf-8", "replace"), path)
    if text.strip():
        _keep(draft, draft.texts | {path: text if text.endswith("\n") else f"{text}\n"}, by=by, at=at)
    elif path == "pack.yaml":
        raise Refused("pack.yaml 不能没有", field="text")
    else:
        _keep(draft, {name: old for name, old in draft.texts.items() if name != path}, by=by, at=at)


@transaction.atomic
def write_lines(
    draft: Draft, key: Key, lines: Mapping[tuple[str, ...], writing.Value], *, by: User, at: datetime
) -> None:
    """Write other numbers of an entry as new dated lines from the draft's day on, each with its source still to fill.

    `lines` is path → number, or numbers by word. Raises Refused where the pack does not say them in its own text.
    """
    _hold(draft, by)
    path = next((name for name, text in draft.texts.items() if writing.says(text, key)), None)
    if path is None:
        raise Refused("“{pack}”自己的文件里没有这一条，它写在所扩展的包里", pack=draft.pack)
    text = draft.texts[path]
    for steps, value in lines.items():
        text = writing.with_line(text, key, steps, draft.since, value)
    _keep(draft, draft.texts | {path: text}, by=by, at=at)


@transaction.atomic
def throw_away(draft: Draft, *, by: User) -> None:
    """Throw a draft away. One that is put forward is withdrawn first; one in force stays, as an edition. Raises Refused."""
    _hold(draft, by)
    journal.write("draft.throw-away", by=by, on=draft)
    Draft.objects.filter(pk=draft.pk).delete()


def examined(draft: Draft) -> tuple[Policy | None, list[Finding]]:
    """Check a draft as `packs check` does: the policy where it could be built, and everything that was found."""
    return examine(draft.packs, draft.pack, mechanisms=beside(settings.PACKS))


@transaction.atomic
def put_forward(draft: Draft, *, since: date, paper: str, by: User, day: date, at: datetime) -> Proposal:
    """Ask another administrator to agree that a draft is in force from a day. It stands still from now on.

    A day that is past is a correction, and says by which document. Raises PackErrors where anything is found,
    Refused where the day or the asker does not fit.
    """
    _hold(draft, by)
    if not actions.may_put_in_force(by, day):
        raise Refused("制度包由安全管理员提请生效；经办人可以下载草稿交给安全管理员")
    actions.refuse_past(since, paper, day)
    policy, findings = examined(draft)
    if policy is None or findings:
        raise PackErrors(findings)
    words = {
        "name": policy.info,
        "version": policy.info.version,
        "since": since,
        "digest": policy.digest[:12],
    }
    asked = Sentence("制度包 {name} {version} 自{since}起生效（摘要 {digest}…）", **words)
    if since < day:
        asked = Sentence("{asked}（更正，依据{paper}）", asked=asked, paper=paper.strip())
    proposal = actions.propose(
        actions.PUT_IN_FORCE,
        asked,
        by=by,
        at=at,
        pack=draft.pack,
        since=str(since),
        digest=policy.digest,
        draft=draft.pk,
        paper=paper.strip(),
    )
    draft.proposal, draft.since = proposal, since
    draft.save(update_fields=["proposal", "since"])
    return proposal


def refuse_late(proposal: Proposal, day: date) -> None:
    """Refuse to agree to a day that has passed since it was asked for, unless it was asked for as a correction."""
    if Draft.objects.filter(proposal=proposal).exists():
        actions.refuse_past(date.fromisoformat(proposal.detail["since"]), proposal.detail["paper"], day)


def _brought(texts: Mapping[str, str], name: str, content: bytes) -> dict[str, str]:
    unpacking.refuse_too_large(len(content))
    if name.lower().endswith(".zip"):
        return unpacking.unpacked(content)
    if not texts:
        raise Refused("还没有生效的制度包，请上传整个文件夹的 .zip", field="file")
    return {**texts, unpacking.place_for(texts, name): unpacking.text_of(content, name)}


def _hold(draft: Draft, by: User) -> None:
    """Lock a draft for its author until the transaction ends, and read it as it stands now. Raises Refused."""
    draft.refresh_from_db(from_queryset=Draft.objects.select_for_update(of=("self",)))
    if draft.author_id != by.pk:
        raise Refused("草稿只有起草的人能改")
    if draft.is_put_forward:
        raise Refused("这份草稿已经提请，不能再改；先在“两人办理”里撤回，或另起一份")


def _keep(draft: Draft, texts: dict[str, str], *, by: User, at: datetime) -> None:
    unpacking.refuse_too_much(texts)
    changed = sorted(name for name in draft.texts | texts if draft.texts.get(name) != texts.get(name))
    journal.write("draft.write", by=by, on=draft, files=changed)
    draft.texts, draft.changed_at = texts, at
    draft.save(update_fields=["texts", "changed_at"])
