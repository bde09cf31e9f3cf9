"""Small pictures: made apart and once, without what the camera knew, and gone with the picture."""

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from crm.foundation.errors import Invalid, Unavailable
from crm.foundation.sandbox import Busy
from crm.platform import files, pictures
from crm.store import Store
from crm.worker import housekeeping
from tests import pictures as made


def kept(store: Store, content: bytes) -> str:
    return files.keep(store, [content], 2**24)[0]


def thumbnails(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "thumbnails").glob("*"))


def test_a_picture_is_made_small_and_upright_and_tells_nothing_else(store):
    found = pictures.thumbnail(store, kept(store, made.jpeg())).read_bytes()
    small = Image.open(io.BytesIO(found))
    assert (small.format, small.size) == ("WEBP", (128, 256))
    left, right = small.convert("RGB").getpixel((10, 128)), small.convert("RGB").getpixel((118, 128))
    assert left[2] > 200 > left[0]
    assert right[0] > 200 > right[2]
    assert not small.getexif()
    assert b"Secret Camera" not in found


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_each_kind_of_picture_that_is_shown_has_one(store, kind):
    target = io.BytesIO()
    Image.new("RGB", (300, 300), "green").save(target, kind)
    assert Image.open(pictures.thumbnail(store, kept(store, target.getvalue()))).size == (256, 256)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (made.png(30, 30)[:60], "This picture is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "This picture is damaged"),
        (made.jpeg()[:-2_000], "This picture is damaged"),
        (made.vast_png(), "60,000 × 60,000 pixels; up to 50 megapixels are shown here"),
    ],
)
def test_one_that_cannot_be_shown_says_why_and_is_tried_once(store, monkeypatch, content, said):
    sha256 = kept(store, content)
    with pytest.raises(Invalid, match=said):
        pictures.thumbnail(store, sha256)
    monkeypatch.setattr(pictures.MAKING, "run", None)
    with pytest.raises(Invalid, match=said):
        pictures.thumbnail(store, sha256)
    assert thumbnails(store) == [f"{sha256}.txt"]
    monkeypatch.setattr(pictures, "RETRY_AFTER", 0)
    time.sleep(0.01)
    with pytest.raises(TypeError):
        pictures.thumbnail(store, sha256)


def test_how_large_a_picture_is_shown_is_a_setting(store, monkeypatch):
    monkeypatch.setenv("CRM_PICTURE_MEGAPIXELS", "1")
    with pytest.raises(Invalid, match="2,000 × 1,000 pixels; up to 1 megapixels"):
        pictures.thumbnail(store, kept(store, made.png(2_000, 1_000)))


def test_a_logo_is_drawn_anew_without_what_a_camera_added(store):
    redrawn = pictures.redrawn(store, made.jpeg(2_000, 1_000), 800)
    with Image.open(io.BytesIO(redrawn)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("PNG", (400, 800), {})
    assert b"Secret Camera" not in redrawn
    assert not list(files.folder(store).iterdir())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "no PNG or JPEG"),
        (b"", "no PNG or JPEG"),
        (made.jpeg()[:200], "damaged"),
        (made.vast_png(), "larger than 50 megapixels"),
    ],
)
def test_a_logo_that_is_no_sound_picture_is_refused(store, content, said):
    with pytest.raises(Invalid, match=said):
        pictures.redrawn(store, content, 800)
    assert not list(files.folder(store).iterdir())


def test_those_who_want_one_at_the_same_time_wait_for_one_to_make_it(store, monkeypatch):
    sha256 = kept(store, made.png(30, 30))
    run, runs = pictures.MAKING.run, []

    def counted(*args):
        runs.append(args)
        return run(*args)

    monkeypatch.setattr(pictures.MAKING, "run", counted)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: pictures.thumbnail(store, sha256), range(4)))
    assert (len(found), len(runs)) == (1, 1)
    assert [path.name for path in files.folder(store).iterdir()] == [sha256]


def test_that_others_are_at_work_is_not_remembered(store, monkeypatch):
    sha256 = kept(store, made.png(30, 30))

    def busy(*_):
        raise Busy("found no room")

    with monkeypatch.context() as patch:
        patch.setattr(pictures.MAKING, "run", busy)
        with pytest.raises(Unavailable, match="Too many pictures"):
            pictures.thumbnail(store, sha256)
    assert thumbnails(store) == []


def test_who_asks_for_more_than_may_wait_is_refused_at_once_and_what_is_made_is_given_all_the_same(store, monkeypatch):
    made_before, other = kept(store, made.png(30, 30)), kept(store, made.png(31, 31))
    pictures.thumbnail(store, made_before)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "WAITING", threading.BoundedSemaphore(1))
        assert pictures.WAITING.acquire()
        with pytest.raises(Unavailable, match="Too many pictures"):
            pictures.thumbnail(store, other)
        assert pictures.thumbnail(store, made_before).is_file()
        pictures.WAITING.release()
        assert pictures.thumbnail(store, other).is_file()
        assert pictures.WAITING.acquire(blocking=False)


def test_one_whose_picture_is_erased_while_it_is_made_does_not_stay(store, monkeypatch):
    sha256 = kept(store, made.png(30, 30))
    run = pictures.MAKING.run

    def erased_meanwhile(*args):
        answer = run(*args)
        (files.folder(store) / sha256).unlink()
        pictures.forget(store, sha256)
        return answer

    monkeypatch.setattr(pictures.MAKING, "run", erased_meanwhile)
    pictures.thumbnail(store, sha256)
    assert thumbnails(store) == []


def test_housekeeping_removes_those_whose_picture_is_gone_and_no_backup_holds_any(store, team):
    held, loose = kept(store, made.png(30, 30)), kept(store, made.png(40, 40))
    for sha256 in (held, loose):
        pictures.thumbnail(store, sha256)
    with store.writing(team.ana) as tx:
        files.register(tx, sha256=held, file_name="held.png", size=1)
    housekeeping.sweep(store)
    assert thumbnails(store) == [f"{held}.webp"]
    assert list(Path(store.back_up()).glob("**/*.webp")) == []
