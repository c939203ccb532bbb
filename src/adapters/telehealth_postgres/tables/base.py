"""What every table begins with."""

import sqlalchemy as sa

from telehealth_postgres.columns import Derived, Shape, shape_of

METADATA = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_1_name)s_fkey",
        "uq": "%(table_name)s_%(column_1_name)s_once",
        "ix": "%(column_0_label)s",
    }
)


def table_of(
    name: str,
    kind: type,
    *rest: sa.schema.SchemaItem,
    sealed_for: tuple[str, ...] = (),
    derived: tuple[Derived, ...] = (),
    **owners: str,
) -> sa.Table:
    """A table of aggregates; `owners` names for a column the table that it refers to.

    `sealed_for` says whose key seals a row where that is not its patient's or the practice's;
    `derived` are columns that are only searched.
    """
    references = [
        sa.ForeignKeyConstraint(
            ["practice_id", column],
            [f"{owner}.practice_id", f"{owner}.id"],
            name=f"{name}_{column}_fkey",
        )
        for column, owner in owners.items()
    ]
    # the practice's own row is its id and its practice's id at once
    practice = sa.ForeignKeyConstraint(
        ["practice_id"], ["practices.id"], name=f"{name}_practice_fkey"
    )
    shape: Shape[object] = shape_of(kind, name, owners=sealed_for, derived=derived)
    return sa.Table(
        name,
        METADATA,
        *shape.columns,
        *(one.column for one in derived),
        *shape.checks,
        sa.PrimaryKeyConstraint("practice_id", "id", name=f"{name}_key"),
        *([] if owners else [practice]),
        *references,
        *rest,
        info={"shape": shape},
    )
