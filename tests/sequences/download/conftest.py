"""A server that misbehaves as a test asks."""

import pytest
from bad_server import bad_server


@pytest.fixture
def server():
    with bad_server() as running:
        yield running
