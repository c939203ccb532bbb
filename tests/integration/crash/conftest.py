"""The process that starts what is killed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Nursery = Callable[..., int]


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """What starts a copy of the program: how a worker ended, or the id of one that goes on."""
    with subprocess.Popen(
        [sys.executable, "-m", "integration.crash.nursery"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, told = process.stdin, process.stdout

        def start(**given: Any) -> int:
            asked.write(json.dumps(given) + "\n")
            asked.flush()
            return int(told.readline())

        yield start
        asked.close()
