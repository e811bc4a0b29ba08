"""Reading PyTorch's older weight files without PyTorch, and without running anything.

Such a file is a row of pickles (magic number, protocol, machine, state dict, storage keys)
and then the raw numbers of each storage. A pickle can run any code, so ours may build
nothing but dictionaries, numbers and arrays: every other name in it is an error.
"""

from __future__ import annotations

import pickle
import pickletools
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput, NotFound

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
#: More objects than any state dict has.
MOST_OBJECTS = 10_000_000

_DTYPES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
}


@dataclass(frozen=True)
class _Storage:
    """A block of numbers that comes later in the file."""

    key: str
    dtype: np.dtype[Any]
    size: int


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage, waiting for its numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    """What stands in for torch._utils._rebuild_tensor_v2."""
    if not isinstance(storage, _Storage):
        raise InvalidInput("a tensor in the weights file has no storage")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that can build dictionaries and tensors' descriptions, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            # A new function each time: a pickle may set attributes of what it is given.
            return lambda *arguments: _rebuild_tensor(*arguments)
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise InvalidInput(
            f"the weights file asks for {module}.{name}, which no weights need: refused"
        )

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, size, *_ = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise InvalidInput(f"the weights file refers to a {kind!r}, not to a storage")
        return _Storage(str(key), dtype, int(size))


def read_state_dict(path: str | Path) -> dict[str, NDArray[Any]]:
    """The arrays of a PyTorch state dict in the older, non-zip format, by name.

    Raises `NotFound` when there is no such file, `InvalidInput` when it is not of that format,
    is truncated, or asks for anything but arrays.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"no weights file {path}")
    try:
        with path.open("rb") as stream:
            return _read(stream)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error
    except Exception as error:  # whatever a damaged pickle can raise: there is no closed list
        raise InvalidInput(f"{path} is not a whole PyTorch weights file ({error})") from error


def _read(stream: BinaryIO) -> dict[str, NDArray[Any]]:
    if _load(stream) != MAGIC or _load(stream) != PROTOCOL:
        raise InvalidInput("not a PyTorch file of the older, non-zip format")
    if not _load(stream)["little_endian"]:
        raise InvalidInput("written on a big-endian machine, which is not read here")
    tensors = _load(stream)
    keys = _load(stream)
    storages = _read_storages(stream, keys, _storages_of(tensors))
    return {name: _as_array(tensor, storages) for name, tensor in tensors.items()}


def _load(stream: BinaryIO) -> Any:
    start = stream.tell()
    for opcode, number, _ in pickletools.genops(stream):
        # The unpickler makes room for as many objects as the highest number it is told.
        if opcode.name == "LONG_BINPUT" and int(number or 0) > MOST_OBJECTS:
            raise InvalidInput(f"a pickle that numbers an object {number}: refused")
    stream.seek(start)
    return _ArraysOnly(stream).load()


def _storages_of(tensors: Any) -> dict[str, _Storage]:
    if not isinstance(tensors, dict) or not all(isinstance(t, _Tensor) for t in tensors.values()):
        raise InvalidInput("not a dictionary of tensors")
    return {tensor.storage.key: tensor.storage for tensor in tensors.values()}


def _read_storages(
    stream: BinaryIO, keys: list[str], storages: dict[str, _Storage]
) -> dict[str, NDArray[Any]]:
    """The raw numbers, in the file's order: a count of eight bytes, then the numbers."""
    arrays = {}
    for key in keys:
        storage = storages[key]
        count = int.from_bytes(_exactly(stream, 8), "little")
        if count != storage.size:
            raise InvalidInput(f"storage {key} holds {count} numbers, expected {storage.size}")
        data = _exactly(stream, count * storage.dtype.itemsize)
        arrays[key] = np.frombuffer(data, dtype=storage.dtype)
    return arrays


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise InvalidInput(f"truncated: {count} bytes expected, {len(data)} left")
    return data


def _as_array(tensor: _Tensor, storages: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """The tensor's view of its storage, copied to the usual order."""
    flat = storages[tensor.storage.key]
    count = int(np.prod(tensor.shape, dtype=object))
    steps = zip(tensor.shape, tensor.strides, strict=True)
    last = tensor.offset + sum((size - 1) * stride for size, stride in steps)
    # A view must not look outside its storage, nor repeat it into an enormous array.
    if min((tensor.offset, *tensor.shape, *tensor.strides)) < 0 or count > len(flat):
        raise InvalidInput(f"a tensor of shape {tensor.shape} does not fit its storage")
    if count and last >= len(flat):
        raise InvalidInput(f"a tensor of shape {tensor.shape} reaches beyond its storage")
    strides = [stride * flat.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides).copy()
