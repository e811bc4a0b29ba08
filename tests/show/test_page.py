import inspect

from mfst_lib.roi import to_map
from mfst_lib.show.page import show_source


def test_the_source_shown_is_the_functions_own_and_says_where_it_stands():
    text = show_source(to_map).data
    assert text.startswith("`mfst_lib/roi.py`\n\n```python\ndef to_map(")
    assert inspect.getsource(to_map).rstrip() in text
    assert text.endswith("\n```")
