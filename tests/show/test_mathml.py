import re
from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx")

from docutils.utils.math import MathError

from mfst_lib.show.mathml import setup, to_mathml


def test_a_fraction():
    markup = to_mathml(r"\frac{a}{b}")
    assert re.sub(r"\s", "", markup).endswith("<mfrac><mi>a</mi><mi>b</mi></mfrac></math>")


def test_several_lines_are_aligned():
    assert to_mathml(r"a &= b \\ c &= d", block=True).count("<mtr>") == 2


def test_a_block_says_so():
    assert 'display="block"' in to_mathml("x", block=True)
    assert 'display="block"' not in to_mathml("x")


def test_what_cannot_be_shown_is_an_error():
    with pytest.raises(MathError):
        to_mathml(r"\nonsense")


def test_the_renderer_is_registered_under_its_name():
    names = []
    app = SimpleNamespace(add_html_math_renderer=lambda name, *visitors: names.append(name))
    setup(app)
    assert names == ["mathml"]
