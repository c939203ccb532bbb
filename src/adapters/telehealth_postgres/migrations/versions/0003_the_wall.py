"""The wall between practices: row-level security, and what the application may do; the audit's
chain.
"""

import sqlalchemy as sa
from alembic import op

from telehealth_postgres.wall import APPLICATION, lowered, opened_to_relay, raised

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
    accounts appointments assessments cards charges chat_grants consents consultations
    conversations documents emergencies emergency_accesses feedback identity_checks letters
    medications messages notes outbox partners patients practices prescriptions programs
    providers psychotherapy_notes quarantine questionnaires record_conflicts record_cursors
    record_links referrals role_grants sessions sign_ins sign_in_attempts suspicions waitlist
"""
ONLY_ADDED = ("audit", "reactions_done", "settings_history")
"""What is written once and never changed."""

FUNCTIONS = {
    "practice_of_sign_in(sign_in uuid) RETURNS uuid": (
        "SELECT practice_id FROM public.sign_ins WHERE sign_ins.id = sign_in"
    ),
    "practice_named(short_name text) RETURNS SETOF public.practices": (
        "SELECT * FROM public.practices WHERE slug = short_name"
    ),
    "every_practice() RETURNS SETOF public.practices": "SELECT * FROM public.practices",
    "practices_to_seal() RETURNS SETOF uuid": """
        SELECT p.id FROM public.practices p
        LEFT JOIN public.audit_heads h ON h.practice_id = p.id
             AND h.server = (SELECT system_identifier::text FROM pg_control_system())
        WHERE EXISTS (
            SELECT FROM public.audit a
            WHERE a.practice_id = p.id AND a.xact >= coalesce(h.before_xact, 0) AND NOT EXISTS (
                SELECT FROM public.audit_links l
                WHERE l.practice_id = a.practice_id AND l.entry_id = a.id))
    """,
}
"""What is asked before there is a practice: it is answered with practices and nothing in them."""


def upgrade() -> None:
    """Make it so."""
    _make_chain()
    for table in (*TABLES.split(), "audit_heads"):
        _run(raised(table))
    for table in (*ONLY_ADDED, "audit_links"):
        _run(raised(table, "SELECT, INSERT"))
    _run(opened_to_relay("outbox"))
    op.execute(f"GRANT SELECT ON alembic_version TO {APPLICATION}")
    for signature, body in FUNCTIONS.items():
        name = signature.partition(" RETURNS")[0]
        op.execute(
            f"CREATE FUNCTION {signature} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS $$ {body} $$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {APPLICATION}")


def downgrade() -> None:
    """Take it back; the role stays, for other databases of the server may know it."""
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature.partition(' RETURNS')[0]}")
    op.execute(f"REVOKE ALL ON alembic_version FROM {APPLICATION}")
    op.execute("DROP POLICY relay_sees ON outbox")
    op.execute("DROP POLICY relay_changes ON outbox")
    for table in (*TABLES.split(), *ONLY_ADDED):
        _run(lowered(table))
    op.drop_table("audit_heads")
    op.drop_table("audit_links")
    op.drop_index("audit_unsealed", "audit")
    op.drop_column("audit", "xact")


def _make_chain() -> None:
    """Entries of before were committed long ago: their transaction does not matter."""
    op.add_column("audit", sa.Column("xact", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("audit", "xact", server_default=sa.text("(pg_current_xact_id()::text)::bigint"))
    op.create_index("audit_unsealed", "audit", ["practice_id", "xact"])
    op.create_table(
        "audit_links",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "position", name="audit_links_key"),
        sa.UniqueConstraint("practice_id", "entry_id", name="audit_links_entry_once"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False, server_default=""),
        sa.Column("before_xact", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("practice_id", name="audit_heads_key"),
    )


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)
