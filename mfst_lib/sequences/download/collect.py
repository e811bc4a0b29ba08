"""Many videos at once: from the first mirror that has them, checked before they get their names."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from zipfile import ZipFile

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.files import TEMPORARY, move
from mfst_lib.sequences.check import same_name, video_problems
from mfst_lib.sequences.download.mirrors import MIRRORS, Mirror, tb100_ranges
from mfst_lib.sequences.download.transport import Tell, Terms, Unavailable, Unreachable, fetch
from mfst_lib.sequences.download.unpack import Limits, open_archive, unpack_video
from mfst_lib.sequences.layouts import subfolders

#: Everything that is not finished lies in this folder of the data folder.
WORKSHOP = ".mfst-download"


@dataclass(frozen=True)
class Outcome:
    """What became of a video: it was there, was fetched, or is missing; and why."""

    video: str
    state: str
    reasons: tuple[str, ...] = ()


@dataclass
class Errand:
    """One call of `download`: where things go, from where, and what was learnt on the way."""

    folder: Path
    terms: Terms
    limits: Limits
    tell: Tell
    replace: bool
    stopped: Event = field(default_factory=Event)
    silent: set[str] = field(default_factory=set)  # names of mirrors that do not answer
    lock: Lock = field(default_factory=Lock)

    @property
    def workshop(self) -> Path:
        """The folder for what is not finished."""
        return self.folder / WORKSHOP

    def count(self, number: int) -> None:
        """Pass on that bytes have come, or end the transfer when all are to stop."""
        if self.stopped.is_set():
            raise KeyboardInterrupt
        with self.lock:
            self.tell(number)


def download(
    videos: Sequence[str],
    folder: Path,
    mirrors: Sequence[Mirror] = MIRRORS,
    *,
    workers: int = 4,
    replace: bool = False,
    terms: Terms | None = None,
    limits: Limits | None = None,
    tell: Tell = lambda count: None,
    each: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Bring the videos into the folder, an OTB folder each; those that are there are left alone.

    replace: a folder that is there and damaged gives way to a whole one; else it is told.
    tell: the bytes as they come. each: the outcomes as they come. Stopped anywhere, the same call
    goes on from there. Raises `InvalidInput` when the folder cannot be used, or is by another.
    """
    errand = Errand(folder, terms or Terms(), limits or Limits(), tell, replace)
    with _workshop(errand.workshop):
        outcomes = {video: _at_hand(errand, video) for video in videos}
        for outcome in (one for one in outcomes.values() if one):
            each(outcome)
        wanted = [video for video, outcome in outcomes.items() if outcome is None]
        reasons: dict[str, list[str]] = {video: [] for video in wanted}
        for group in _in_turn(mirrors):
            left = [video for video in wanted if outcomes[video] is None]
            for video, outcome in _from(errand, left, group, workers, reasons):
                outcomes[video] = outcome
                each(outcome)
        for video in (one for one in wanted if outcomes[one] is None):
            outcomes[video] = Outcome(video, "missing", tuple(reasons[video]))
            each(outcomes[video])  # type: ignore[arg-type]
    return [outcome for outcome in outcomes.values() if outcome]


def _in_turn(mirrors: Sequence[Mirror]) -> Iterator[list[Mirror]]:
    """Mirrors of single videos together, since they are tried per video; each archive alone."""
    group: list[Mirror] = []
    for mirror in mirrors:
        if mirror.whole:
            yield from ([group] if group else [])
            yield [mirror]
            group = []
        else:
            group.append(mirror)
    yield from ([group] if group else [])


def _from(
    errand: Errand,
    videos: Sequence[str],
    mirrors: Sequence[Mirror],
    workers: int,
    reasons: dict[str, list[str]],
) -> Iterator[tuple[str, Outcome]]:
    """The outcome of every video that these mirrors have; the others' reasons are noted."""
    if mirrors[0].whole:
        yield from _from_archive(errand, videos, mirrors[0], reasons)
        return
    if not videos:
        return
    with ThreadPoolExecutor(workers) as pool:
        runs = {pool.submit(_fetch_video, errand, v, mirrors, reasons[v]): v for v in videos}
        try:
            for run in as_completed(runs):
                if (outcome := run.result()) is not None:
                    yield runs[run], outcome
        except BaseException:
            errand.stopped.set()
            pool.shutdown(cancel_futures=True)
            raise


def _fetch_video(
    errand: Errand, video: str, mirrors: Sequence[Mirror], reasons: list[str]
) -> Outcome | None:
    """One video from the first of the mirrors that has it; None, with reasons, when none has."""
    for mirror in mirrors:
        if mirror.name in errand.silent:
            reasons.append(f"{mirror.name}: does not answer")
            continue
        # A file per mirror, so that what one left is never taken for another's.
        path = errand.workshop / f"{video}-{_short(mirror.address)}.zip"
        try:
            if not path.is_file():
                fetch(mirror.url(video), path, mirror.limit, errand.terms, errand.count)
            with open_archive(path) as archive:
                _install(errand, archive, video)
            return Outcome(video, "fetched", (mirror.name,))
        except Unreachable as error:
            errand.silent.add(mirror.name)
            reasons.append(f"{mirror.name}: {error}")
        except (Unavailable, NotFound) as error:
            reasons.append(f"{mirror.name}: {error}")
        except InvalidInput as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno:
                raise  # the disk's fault, not the mirror's
            reasons.append(f"{mirror.name}: {error}")
        finally:
            if not errand.stopped.is_set():
                path.unlink(missing_ok=True)
    return None


def _from_archive(
    errand: Errand, videos: Sequence[str], mirror: Mirror, reasons: dict[str, list[str]]
) -> Iterator[tuple[str, Outcome]]:
    """The videos out of one archive of all, which is fetched when it is no local file."""
    local = Path(mirror.address)
    path = local if local.is_file() else errand.workshop / f"all-{_short(mirror.address)}.zip"
    if not videos:  # then a run may have been killed just before it removed the archive
        if path != local:
            path.unlink(missing_ok=True)
        return
    try:
        if not path.is_file():
            fetch(mirror.address, path, mirror.limit, errand.terms, errand.count)
        if mirror.md5 and _md5(path) != mirror.md5:
            raise InvalidInput("the archive is another than the published one (its MD5 differs)")
        with open_archive(path) as archive:
            for video in videos:
                try:
                    _install(errand, archive, video)
                    yield video, Outcome(video, "fetched", (mirror.name,))
                except (InvalidInput, NotFound) as error:
                    reasons[video].append(f"{mirror.name}: {error}")
    except (Unavailable, InvalidInput, NotFound) as error:
        for video in videos:
            reasons[video].append(f"{mirror.name}: {error}")
    if path != local:
        path.unlink(missing_ok=True)


def _install(errand: Errand, archive: ZipFile, video: str) -> None:
    """Unpack the video beside its place, check it, and only then give it its name."""
    fresh = errand.workshop / f"{video}-{uuid.uuid4().hex}"
    try:
        unpack_video(archive, video, fresh, errand.limits)
        if problems := video_problems(fresh, video, tb100_ranges().get(video), deep=True):
            raise InvalidInput(f"what came is not {video}: " + "; ".join(_without(problems, fresh)))
        _put_in_place(errand, fresh, video)
        for part in errand.workshop.glob(f"{video}-*.zip.part*"):  # of mirrors that broke off
            part.unlink(missing_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put_in_place(errand: Errand, fresh: Path, video: str) -> None:
    """Rename the folder; one that is in its way goes first, and comes back if this fails."""
    old = _folder_of(errand.folder, video)
    aside = errand.workshop / f"{video}-old-{uuid.uuid4().hex}"
    if old is not None:
        move(old, aside)
    try:
        move(fresh, errand.folder / video)
    except OSError:
        if old is not None:
            move(aside, old)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _without(problems: Iterable[str], folder: Path) -> list[str]:
    """The problems without the name of a folder that will be gone."""
    return [problem.replace(f"{folder}", folder.name.split("-")[0]) for problem in problems]


def _at_hand(errand: Errand, video: str) -> Outcome | None:
    """The outcome of a video whose folder is there; None when it is to be fetched."""
    place = _folder_of(errand.folder, video)
    if place is None:
        return None
    problems = video_problems(place, video, tb100_ranges().get(video))
    if not problems:
        for left in errand.workshop.glob(f"{video}-*.zip*"):  # by a run that was killed
            left.unlink(missing_ok=True)
        return Outcome(video, "there")
    if errand.replace:
        return None
    return Outcome(video, "missing", (f"{problems[0]} (--replace fetches it anew)",))


def _folder_of(folder: Path, video: str) -> Path | None:
    """The folder called like the video, case and punctuation aside."""
    return next((one for one in subfolders(folder) if same_name(one.name, video)), None)


@contextmanager
def _workshop(path: Path) -> Iterator[None]:
    """The folder for what is not finished, held by one process at a time."""
    import filelock

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"cannot write to {path.parent} ({error.strerror})") from None
    lock = filelock.FileLock(path / "lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise InvalidInput(
            f"another mfst download is at work in {path.parent}: wait for it, or choose another "
            "folder"
        ) from None
    except OSError as error:
        raise InvalidInput(f"cannot write to {path.parent} ({error.strerror})") from None
    try:
        _sweep(path)
        yield
    finally:
        if not [one for one in path.iterdir() if one.name != "lock"]:
            with suppress(OSError):  # Windows removes no file that is open
                (path / "lock").unlink(missing_ok=True)
                path.rmdir()
        lock.release()
        with suppress(OSError):  # so there the lock has gone only now
            path.rmdir()


def _sweep(workshop: Path) -> None:
    """Remove what a run that was killed left half-made; what can be gone on with stays.

    A folder that was moved aside goes back when nothing has taken its place.
    """
    for half in workshop.glob(f".*{TEMPORARY}"):
        half.unlink(missing_ok=True)
    for note in workshop.glob("*.part.json"):
        if not note.with_suffix("").exists():  # of a part that has become the whole
            note.unlink()
    for folder in workshop.iterdir():
        if not folder.is_dir():
            continue
        video, _, rest = folder.name.partition("-")
        if rest.startswith("old-") and not (workshop.parent / video).exists():
            move(folder, workshop.parent / video)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
