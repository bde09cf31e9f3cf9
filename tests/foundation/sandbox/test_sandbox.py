"""Work that is done apart: what it may take, how it ends, and what it can see."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crm.foundation.errors import Invalid
from crm.foundation.sandbox import HOME, Limits, Sandbox, Stopped

DEEDS = Sandbox("tests.foundation.sandbox.deeds", at_once=2)
AMPLE = Limits(memory=2**30, output=2**30, seconds=60, processor_seconds=60)


def do(folder: Path, deed: str, limits: Limits = AMPLE, **more: object) -> dict[str, object]:
    return DEEDS.run({"deed": deed}, folder, limits, **more)


def test_what_the_child_answers_and_writes_comes_back(tmp_path):
    assert do(tmp_path, "add") == {"sum": 3}
    assert (tmp_path / "sum").read_text() == "3"


def test_a_refusal_comes_back_as_it_is(tmp_path):
    with pytest.raises(Invalid, match="no table") as refusal:
        do(tmp_path, "refuse")
    assert refusal.value.field == "file"


@pytest.mark.parametrize(
    ("deed", "limits", "said"),
    [
        ("fill_memory", Limits(2**20, 2**30, 60, 60), "took more than 1 MiB of memory"),
        ("start_threads", AMPLE, "took more than 1,024 MiB of memory"),
        ("say_often", AMPLE, "took more than 1,024 MiB of memory"),
        ("sleep", Limits(2**30, 2**30, 1, 60), "took more than 1 seconds"),
        ("spin", Limits(2**30, 2**30, 60, 1), "took more than 1 seconds of processor time"),
        ("write_much", Limits(2**30, 2**20, 60, 60), "came to more than 1 MiB"),
        ("crash", AMPLE, "broke off"),
        ("fail", AMPLE, "broke off"),
        ("chatter", AMPLE, "broke off"),
    ],
)
def test_a_child_that_passes_a_limit_or_breaks_off_is_stopped_with_the_reason(tmp_path, deed, limits, said):
    with pytest.raises(Stopped, match=said):
        do(tmp_path, deed, limits)


def test_where_a_child_broke_off_is_in_the_log_and_nothing_of_what_it_read(tmp_path, caplog):
    with pytest.raises(Stopped):
        do(tmp_path, "fail")
    assert "KeyError < " in caplog.text
    assert "deeds.py" in caplog.text
    assert "what was expected" not in caplog.text
    caplog.clear()
    with pytest.raises(Stopped):
        do(tmp_path, "chatter")
    assert "broke off" in caplog.text
    assert len(caplog.text) < 1_000


def test_the_secrets_of_the_product_are_not_in_the_childs_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_OIDC_CLIENT_SECRET", "hush")
    monkeypatch.setenv("CRM_SMTP_URL", "smtps://ana:hush@mail.example.com")
    with Path(__file__).open("rb") as held:
        os.set_inheritable(held.fileno(), False)
        found = do(tmp_path, "look_around")
    assert "hush" not in str(found)
    assert found["stdin"] == ""
    assert found["files"] <= 5  # the three of every process, and those that look


def test_a_child_goes_with_all_that_it_has_started(tmp_path):
    with pytest.raises(Stopped):
        do(tmp_path, "sleep_in_a_child", Limits(2**30, 2**30, 3, 60))
    assert gone(int((tmp_path / "pid").read_text()))


def test_work_that_is_no_longer_wanted_is_ended(tmp_path):
    class Unwanted(Exception):
        pass

    def heed():
        raise Unwanted

    with pytest.raises(Unwanted):
        do(tmp_path, "sleep", check_wanted=heed)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the deadline ends it")
def test_a_child_ends_when_the_product_is_killed(tmp_path):
    script = (
        "from pathlib import Path; from tests.foundation.sandbox.test_sandbox import do; "
        f"do(Path({str(tmp_path)!r}), 'sleep_in_a_child')"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=HOME)
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        grandchild = int((tmp_path / "pid").read_text())
        child = int(Path(f"/proc/{grandchild}/stat").read_text().split()[3])
    finally:
        parent.kill()
        parent.wait()
    try:
        assert gone(child)
    finally:
        subprocess.run(["kill", "-9", str(grandchild)], check=False)


def gone(pid: int) -> bool:
    """Whether the process ends soon; one that nobody has waited for yet has."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False
