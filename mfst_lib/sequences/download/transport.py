"""One file over HTTP: taken up where it broke off, and never more of it than was agreed.

Pooch, the usual helper, throws away what it has when a connection breaks; a benchmark of
gigabytes from a slow archive needs what it has.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mfst_lib.errors import InvalidInput
from mfst_lib.files import move, write_text_atomically

if TYPE_CHECKING:
    import httpx

#: Told the number of bytes that have come; may raise to end the transfer.
Tell = Callable[[int], None]


class Unavailable(Exception):
    """This address cannot give the file; the message says why."""


class Unreachable(Unavailable):
    """Nothing answers at this address: others on the same host need no try."""


class Broken(Exception):
    """The transfer broke off; another try, after `wait` seconds, may go on from there."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Terms:
    """What we put up with.

    patience: seconds without an answer, or with fewer than `slowest` bytes in each of them.
    tries: in a row that bring next to nothing. pause: seconds after the first, then doubled.
    """

    patience: float = 30.0
    connect: float = 10.0
    slowest: int = 1024
    tries: int = 5
    pause: float = 1.0
    redirects: int = 5
    longest_wait: float = 60.0


#: A try that brings less than this counts as one that brings nothing.
USEFUL = 1 << 16


class Part:
    """The part of a file that is there, beside a note of what it is a part of."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path.with_name(f"{path.name}.part")
        self.note = path.with_name(f"{path.name}.part.json")
        self.target, self.url = path, url
        if self._noted().get("url") != url:
            self.discard()

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def tag(self) -> str:
        """What the server called the version that this is a part of; empty if nothing."""
        return self._noted().get("tag", "")

    def begin(self, tag: str) -> None:
        """Throw away what is there, and note of which version the rest will be."""
        self.discard()
        write_text_atomically(self.note, json.dumps({"url": self.url, "tag": tag}))

    def discard(self) -> None:
        """Remove the part and its note."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def finish(self) -> None:
        """The part is the whole: give it its name."""
        move(self.path, self.target)
        self.note.unlink(missing_ok=True)

    def _noted(self) -> dict[str, str]:
        try:
            content = json.loads(self.note.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def fetch(
    url: str, path: Path, limit: int, terms: Terms | None = None, tell: Tell = lambda count: None
) -> None:
    """Bring a file of at most `limit` bytes to `path`, going on from what an earlier try left.

    Raises `Unavailable` when the address cannot give it, `InvalidInput` when it cannot be
    written, and what `tell` raises.
    """
    import httpx

    terms = terms or Terms()
    part, fruitless, wait, why = Part(path, url), 0, 0.0, ""
    timeout = httpx.Timeout(terms.patience, connect=terms.connect)
    with httpx.Client(
        timeout=timeout, follow_redirects=True, max_redirects=terms.redirects
    ) as client:
        while fruitless < terms.tries:
            time.sleep(max(wait, terms.pause * 2 ** (fruitless - 1) if fruitless else 0))
            before, wait = part.size, 0.0
            try:
                _go_on(client, part, limit, terms, tell)
                part.finish()
                return
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if fruitless:
                    raise Unreachable(f"{url}: no connection ({error})") from None
            except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.InvalidURL) as error:
                raise Unavailable(f"{url}: {error}") from None
            except httpx.HTTPError as error:
                why = str(error) or type(error).__name__
            except Broken as error:
                why, wait = str(error), min(error.wait, terms.longest_wait)
            fruitless = 0 if part.size - before >= USEFUL else fruitless + 1
    raise Unavailable(f"{url}: gave up after {terms.tries} tries, the last: {why}")


def _go_on(client: httpx.Client, part: Part, limit: int, terms: Terms, tell: Tell) -> None:
    """One request for what is missing; returns when the part is the whole."""
    have = part.size
    # As it is stored: compressed on the way, its bytes could not be counted on.
    headers = {"Accept-Encoding": "identity", "User-Agent": "mfst_lib"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if part.tag:
            headers["If-Range"] = part.tag
    with client.stream("GET", part.url, headers=headers) as response:
        _check(response, part)
        start, total = _place(response, have)
        if total is not None and total > limit:
            raise Unavailable(f"{part.url}: {total} bytes, more than the {limit} of any such file")
        if start == 0:
            part.begin(_tag(response))
        _write(response.iter_raw(), part, limit, terms, tell)
    if total is not None and part.size != total:
        raise Broken(f"it ended after {part.size} of {total} bytes")


def _check(response: httpx.Response, part: Part) -> None:
    """Raise `Unavailable` or `Broken` for an answer that is not the file."""
    status = response.status_code
    steps = [*response.history, response]
    schemes = [step.url.scheme for step in steps]
    if "https" in schemes and schemes[-1] != "https":
        raise Unavailable(f"{part.url}: sent on from https to plain http ({response.url})")
    if status == 416:
        part.discard()
        raise Broken("what was there is no part of the file that is there now")
    if status in (408, 425, 429) or status >= 500:
        later = response.headers.get("retry-after", "")
        wait = float(later) if later.isdecimal() else 0.0
        raise Broken(f"the server answers {status} {response.reason_phrase}", wait)
    if status not in (200, 206):
        raise Unavailable(f"{part.url}: the server answers {status} {response.reason_phrase}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unavailable(f"{part.url}: the server sends the file compressed")


def _place(response: httpx.Response, have: int) -> tuple[int, int | None]:
    """Where in the file the answer begins, and the file's length if the server says it."""
    if response.status_code == 200:
        length = response.headers.get("content-length", "")
        return 0, int(length) if length.isdecimal() else None
    match = re.fullmatch(
        r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", "").strip()
    )
    if not match or int(match[1]) != have:
        raise Broken(f"asked for byte {have}, got {response.headers.get('content-range')!r}")
    return have, int(match[2]) if match[2] != "*" else None


def _tag(response: httpx.Response) -> str:
    """A name of the file's version that `If-Range` takes: a strong ETag, or its date."""
    tag = response.headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("last-modified", "")


def _write(blocks: Iterator[bytes], part: Part, limit: int, terms: Terms, tell: Tell) -> None:
    """Append the blocks as they come, within the limit and not too slowly."""
    since, count, size = time.monotonic(), 0, part.size
    with part.path.open("ab") as stream:
        for block in blocks:
            size += len(block)
            if size > limit:
                stream.close()  # Windows removes no file that is open
                part.discard()
                raise Unavailable(f"{part.url}: it goes on after {limit} bytes, more than agreed")
            try:
                stream.write(block)
            except OSError as error:
                raise InvalidInput(f"cannot write {part.path} ({error.strerror})") from error
            tell(len(block))
            count += len(block)
            waited = time.monotonic() - since
            if waited > terms.patience:
                if count < terms.slowest * waited:
                    raise Broken(f"{count} bytes in {waited:.0f} seconds are too slow")
                since, count = time.monotonic(), 0
