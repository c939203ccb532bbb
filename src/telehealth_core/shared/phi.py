"""Personal fields: declared once, then hidden from repr and found by whatever encrypts, documents
or hunts for them.
"""

from typing import Any

import attrs

_PHI = "phi"


def phi(**options: Any) -> Any:
    """An attrs field that holds protected health information or other personal data (F59)."""
    metadata = {**options.pop("metadata", {}), _PHI: True}
    return attrs.field(repr=False, metadata=metadata, **options)


def phi_fields(cls: type) -> frozenset[str]:
    """The names of the personal fields of an attrs class."""
    return frozenset(field.name for field in attrs.fields(cls) if field.metadata.get(_PHI))
