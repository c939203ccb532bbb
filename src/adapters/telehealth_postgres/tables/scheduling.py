"""Sessions, appointments and the waitlist."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING
from telehealth_core.scheduling.session import Session
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_postgres.tables.base import table_of

SESSIONS = table_of(
    "sessions",
    Session,
    # see `telehealth_postgres.guard`
    sa.Column("free", pg.TSTZMULTIRANGE(), nullable=False),
    sa.Column("room", sa.Boolean(), nullable=False),
    sa.Index(
        "sessions_series", "practice_id", "series", postgresql_where=sa.text("series IS NOT NULL")
    ),
    sa.Index("sessions_diary", "practice_id", "provider_id", "during", postgresql_using="gist"),
    sa.Index(
        "sessions_running",
        "practice_id",
        "during",
        postgresql_using="gist",
        postgresql_where=sa.text("status = 'published' AND room"),
    ),
    sa.Index(
        "sessions_starting",
        "practice_id",
        sa.text("lower(during)"),
        "id",
        postgresql_where=sa.text("status = 'published' AND room"),
    ),
    sa.Index(
        "sessions_of_provider",
        "practice_id",
        "provider_id",
        sa.text("lower(during)"),
        "id",
        postgresql_where=sa.text("status = 'published' AND room"),
    ),
    provider_id="providers",
)
_TAKES_TIME = "status IN ({})".format(", ".join(f"'{status}'" for status in sorted(OCCUPYING)))
APPOINTMENTS = table_of(
    "appointments",
    Appointment,
    pg.ExcludeConstraint(
        ("practice_id", "="),
        ("provider_id", "="),
        ("occupies", "&&"),
        where=sa.text(_TAKES_TIME),
        name="appointments_provider_once",
    ),
    pg.ExcludeConstraint(
        ("practice_id", "="),
        ("patient_id", "="),
        ("during", "&&"),
        where=sa.text(_TAKES_TIME),
        name="appointments_patient_once",
    ),
    sa.Index("appointments_diary", "practice_id", "provider_id", "during", postgresql_using="gist"),
    sa.Index("appointments_patient", "practice_id", "patient_id"),
    sa.Index("appointments_dashboard", "practice_id", "during", postgresql_using="gist"),
    sa.Index(
        "appointments_holds", "practice_id", "held_by", postgresql_where=sa.text("status = 'held'")
    ),
    sa.Index(
        "appointments_lapsing",
        "practice_id",
        "held_until",
        # so that it cannot be taken for the one above, however few times are held
        postgresql_where=sa.text("status = 'held' AND held_until IS NOT NULL"),
    ),
    sa.Index("appointments_session", "practice_id", "session_id"),
    sa.Index(
        "appointments_series",
        "practice_id",
        "series",
        postgresql_where=sa.text("series IS NOT NULL"),
    ),
    sa.Index(
        "appointments_newest",
        "practice_id",
        "requested_at",
        "id",
        postgresql_where=sa.text("requested_at IS NOT NULL"),
    ),
    sa.Index("appointments_flagged", "practice_id", postgresql_where=sa.text("flags_open")),
    sa.Index(
        "appointments_unattended",
        "practice_id",
        sa.text("upper(during)"),
        "id",
        postgresql_where=sa.text("status = 'booked'"),
    ),
    sa.Index("appointments_waiting", "practice_id", postgresql_where=sa.text("status = 'pending'")),
    patient_id="patients",
    provider_id="providers",
    session_id="sessions",
)
WAITLIST = table_of(
    "waitlist",
    WaitlistEntry,
    sa.Index(
        "waitlist_order",
        "practice_id",
        "joined_at",
        "id",
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    ),
    sa.Index("waitlist_patient", "practice_id", "patient_id"),
    sa.Index("waitlist_offer", "practice_id", "appointment_id"),
    patient_id="patients",
    provider_id="providers",
    appointment_id="appointments",
)
