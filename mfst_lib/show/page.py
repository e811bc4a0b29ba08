"""Settings of a page of the book."""

from __future__ import annotations


def set_up(quality: int = 76) -> None:
    """Show the figures of this notebook as JPEG: with photographs in them a tenth of PNG's size.

    Does nothing outside Jupyter.
    """
    from IPython.core.getipython import get_ipython
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    if get_ipython() is not None:
        options = {"quality": quality, "subsampling": 0}
        set_matplotlib_formats("jpeg", pil_kwargs=options)  # type: ignore[no-untyped-call]
