"""What the machine's own accidents are called: one sentence each, for the terminal and for the log."""

import errno
import logging
from types import TracebackType

import psycopg
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError

from zugong.core.errors import Refused
from zugong.core.sentences import Sentence

# A page that is not for its reader is a line of the log, and no accident.
REFUSED = (PermissionDenied, SuspiciousOperation)
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


def sentence_for(trouble: BaseException | None) -> Sentence | None:
    """Say what happened in one sentence, or None when it is a crash that is ours to mend.

    A library may wrap what the database said in an error of its own: then the cause speaks.
    """
    match trouble:
        case None:
            return None
        case Refused():
            return trouble.cited
        case ImproperlyConfigured():
            return Sentence("设置有误:{trouble}", trouble=trouble)
        case OSError(errno=errno.ENOSPC):
            return Sentence("磁盘已满:请腾出空间后再试。")
        case OSError(strerror=str(why), filename=name) if name:
            return Sentence("{name} 不能使用:{why}。", name=name, why=why)
        case OSError(strerror=str(why)):
            return Sentence("系统拒绝:{why}。", why=why)
        case psycopg.errors.DiskFull():
            return Sentence("数据库所在的磁盘已满:请腾出空间后再试。")
    if isinstance(trouble, LOST) and not trouble.__cause__:
        first = (str(trouble).strip().splitlines() or ["closed"])[0]
        return Sentence("数据库连接中断:{first}。", first=first)
    return sentence_for(trouble.__cause__)


class InOneLine(logging.Formatter):
    """The log's form: a page refused or a lost database is one line each time, a crash of ours its whole story."""

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Say the sentence where there is one; of a refusal the line itself says enough."""
        if isinstance(ei[1], REFUSED):
            return ""
        lost = ei[1] and _is_lost(ei[1])
        return sentence_for(ei[1]) or "" if lost else super().formatException(ei)


def _is_lost(trouble: BaseException | None) -> bool:
    return trouble is not None and (isinstance(trouble, LOST) or _is_lost(trouble.__cause__))
