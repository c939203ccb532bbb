"""The README's example is true."""

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_the_embedding_example_runs_as_printed() -> None:
    """What the README tells embedders to write works, word for word."""
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)

    exec(compile(example, str(README), "exec"), {})
