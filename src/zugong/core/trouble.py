"""What the machine's own accidents are called: one sentence each, for the terminal and for the log."""

import errno
import logging
from types import TracebackType

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from zugong.core.errors import Refused

LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


def sentence_for(trouble: BaseException | None) -> str:
    """Say what happened in one sentence, or nothing when it is a crash that is ours to mend.

    A library may wrap what the database said in an error of its own: then the cause speaks.
    """
    match trouble:
        case None:
            return ""
        case Refused():
            return str(trouble)
        case ImproperlyConfigured():
            return f"设置有误:{trouble} A setting is wrong: {trouble}"
        case OSError(errno=errno.ENOSPC):
            return "磁盘已满:请腾出空间后再试。 The disk is full: make room and try again."
        case OSError(strerror=str(why), filename=name) if name:
            return f"{name} 不能使用:{why}。 {name} cannot be used: {why}."
        case OSError(strerror=str(why)):
            return f"系统拒绝:{why}。 The system refused: {why}."
        case psycopg.errors.DiskFull():
            return "数据库所在的磁盘已满:请腾出空间后再试。 The database's disk is full: make room and try again."
    if isinstance(trouble, LOST) and not trouble.__cause__:
        first = (str(trouble).strip().splitlines() or ["closed"])[0]
        return f"数据库连接中断:{first}。 The connection to the database was lost."
    return sentence_for(trouble.__cause__)


class InOneLine(logging.Formatter):
    """The log's form: a lost database is one line at every page it fails, a crash of ours its whole story."""

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Say the sentence where there is one."""
        lost = ei[1] and _is_lost(ei[1])
        return sentence_for(ei[1]) if lost else super().formatException(ei)


def _is_lost(trouble: BaseException | None) -> bool:
    return trouble is not None and (isinstance(trouble, LOST) or _is_lost(trouble.__cause__))
