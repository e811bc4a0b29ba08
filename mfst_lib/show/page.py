"""Settings of a page of the book."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.display import Markdown


def set_up(quality: int = 76) -> None:
    """Show the figures of this notebook as JPEG: with photographs in them a tenth of PNG's size.

    Does nothing outside Jupyter.
    """
    from IPython.core.getipython import get_ipython
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    if get_ipython() is not None:
        options = {"quality": quality, "subsampling": 0}
        set_matplotlib_formats("jpeg", pil_kwargs=options)  # type: ignore[no-untyped-call]


def show_source(what: Callable[..., Any] | type) -> Markdown:
    """The source of a function or class of the library as it is now, and where it stands."""
    from IPython.display import Markdown

    place = what.__module__.replace(".", "/") + ".py"
    text = f"`{place}`\n\n```python\n{inspect.getsource(what).rstrip()}\n```"
    return Markdown(text)  # type: ignore[no-untyped-call]
