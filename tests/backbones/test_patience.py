"""A download of weights by Keras that stalls must end; Keras itself waits for ever."""

import socket
from urllib.request import urlretrieve

import pytest
from bad_server import bad_server

from mfst_lib.backbones.networks import patience


def test_a_stalling_server_ends_in_an_error(tmp_path):
    with bad_server() as server:
        server.files["/w.h5"] = bytes(100_000)
        server.behaviours["/w.h5"] = ["stall 1000"]
        with patience(0.3), pytest.raises(OSError, match="timed out"):
            urlretrieve(f"{server.url}/w.h5", tmp_path / "w.h5")
        with patience(5.0):
            urlretrieve(f"{server.url}/w.h5", tmp_path / "w.h5")
    assert (tmp_path / "w.h5").stat().st_size == 100_000


def test_what_others_have_set_comes_back():
    before = socket.getdefaulttimeout()
    with pytest.raises(ValueError), patience(3.0):
        assert socket.getdefaulttimeout() == 3.0
        raise ValueError
    assert socket.getdefaulttimeout() == before
