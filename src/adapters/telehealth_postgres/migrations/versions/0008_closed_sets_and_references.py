"""Sets of codes are checked as single codes are, and whatever a row refers to is there."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ROLES = "patient provider liaison partner admin visitor system"
CODES = {
    ("accounts", "roles"): _ROLES,
    ("role_grants", "roles"): _ROLES,
    ("sessions", "modes"): "video voice",
    ("suspicions", "rules"): "same-name-and-birth-date same-phone same-identifier"
    " same-document-number",
    ("feedback", "issues"): "no-picture frozen-picture blurred-picture no-sound broken-sound echo"
    " delay dropped could-not-join device other",
}
REFERENCES = {
    ("role_grants", "provider_id"): "providers",
    ("role_grants", "partner_id"): "partners",
    ("consultations", "patient_id"): "patients",
    ("consultations", "provider_id"): "providers",
    ("letters", "supersedes"): "letters",
    ("prescriptions", "replaces"): "prescriptions",
}


def upgrade() -> None:
    """Make it so."""
    for (table, column), codes in CODES.items():
        words = ", ".join(f"'{word}'" for word in codes.split())
        condition = f"{column} <@ ARRAY[{words}]::text[]"
        op.create_check_constraint(op.f(f"{table}_{column}_known"), table, condition)
    for (table, column), other in REFERENCES.items():
        name, theirs = f"{table}_{column}_fkey", ["practice_id", "id"]
        op.create_foreign_key(name, table, other, ["practice_id", column], theirs)


def downgrade() -> None:
    """Take it back."""
    for table, column in REFERENCES:
        op.drop_constraint(f"{table}_{column}_fkey", table)
    for table, column in CODES:
        op.drop_constraint(op.f(f"{table}_{column}_known"), table)
