"""The process that starts what is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
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
        asked, told, started = process.stdin, process.stdout, list[int]()

        def start(**given: Any) -> int:
            asked.write(json.dumps(given) + "\n")
            asked.flush()
            answer = int(told.readline())
            if "words" in given:
                started.append(answer)
            return answer

        try:
            yield start
        finally:
            asked.close()
            for one in started[-1:]:  # all others were killed before the last was started
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
