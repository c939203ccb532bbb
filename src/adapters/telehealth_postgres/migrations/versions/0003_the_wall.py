"""The wall between practices: row-level security, and what the application may do."""

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
}
"""What is asked before there is a practice: it is answered with practices and nothing in them."""


def upgrade() -> None:
    """Make it so."""
    for table in TABLES.split():
        _run(raised(table))
    for table in ONLY_ADDED:
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


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)
