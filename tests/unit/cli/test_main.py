"""The command line itself: what it says when something is wrong, and what it does not load."""

import errno
import logging
import subprocess
import sys

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import OperationalError

from zugong.cli import main
from zugong.core.errors import PackErrors, Refused
from zugong.core.trouble import InOneLine

ZUGONG = [sys.executable, "-m", "zugong.cli.main"]


@pytest.fixture
def failing(monkeypatch):
    """A command that raises what it is given."""

    def fail(trouble: BaseException) -> int:
        def command(arguments):
            raise trouble

        monkeypatch.setattr(main, "command", lambda name: command)
        return main.main(["serve"])

    return fail


def lost() -> OperationalError:
    """What Django raises when the server has died."""
    trouble = OperationalError("server closed the connection unexpectedly\n\tThis probably means …")
    trouble.__cause__ = psycopg.OperationalError(
        "server closed the connection unexpectedly\n\tThis probably means …"
    )
    return trouble


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Refused("端口已被占用"), "端口已被占用"),
        (ImproperlyConfigured("ZUGONG_DEMO must be yes or no"), "设置有误:ZUGONG_DEMO must be"),
        (lost(), "数据库连接中断:server closed the connection unexpectedly。"),
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘已满"),
        (psycopg.errors.DiskFull("could not extend file"), "磁盘已满"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/backups"), "/srv/backups 不能使用:Permission denied"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "系统拒绝:Connection reset by peer"),
    ],
)  # fmt: skip
def test_an_accident_is_one_sentence(trouble, sentence, failing, capsys):
    assert failing(trouble) == 1
    said = capsys.readouterr().err
    assert said.startswith(sentence) or sentence in said
    assert said.count("\n") == 1


def test_what_a_library_wraps_speaks_for_itself(failing, capsys):
    wrapped = RuntimeError("job failed")
    wrapped.__cause__ = lost()
    assert failing(wrapped) == 1
    assert capsys.readouterr().err.startswith("数据库连接中断")


def test_the_findings_of_a_pack_are_two(failing, capsys):
    assert failing(PackErrors(["a.yaml:1: packs.E001 x"])) == 2
    assert capsys.readouterr().err == "a.yaml:1: packs.E001 x\n"


def test_a_crash_of_ours_is_not_hidden(failing):
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_a_command_that_does_not_exist_is_named(capsys):
    assert main.main(["serv"]) == 2
    assert "没有“serv”这个命令" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_lists_every_command_with_its_sentence_and_loads_none(word, monkeypatch, capsys):
    monkeypatch.setattr(main, "command", lambda name: pytest.fail(f"{name} was loaded"))
    assert main.main([word]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == list(main.COMMANDS)
    assert all(line.endswith((".", "。")) for line in lines)


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_is_there(name):
    assert callable(main.command(name))


def test_a_reader_who_has_gone_is_no_trouble():
    """`zugong help | true`: whoever reads has closed the pipe before anything was written."""
    running = subprocess.Popen([*ZUGONG, "help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()
    said = running.stderr.read()
    assert running.wait(60) in {0, 141}
    assert said == b""
    running.stderr.close()


def test_a_page_refused_is_one_line_of_the_log_and_a_crash_its_whole_story():
    lines = {}
    for trouble in (PermissionDenied("x"), ZeroDivisionError("x")):
        try:
            raise trouble
        except Exception:
            told = sys.exc_info()
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden: /x", None, told)
        lines[type(trouble)] = InOneLine().format(record)
    assert lines[PermissionDenied] == "Forbidden: /x"
    assert "Traceback" in lines[ZeroDivisionError]
