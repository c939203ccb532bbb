"""What a booking begins with, in one statement: the patient with their key, the session, and which
versions of its provider and of the practice are current.
"""

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from telehealth_core.shared.ids import PatientId, ProviderId, SessionId
from telehealth_postgres.collections.collection import PRACTICE, given
from telehealth_postgres.keyring import VERSION
from telehealth_postgres.statements import Statement, columns_of
from telehealth_postgres.tables import DATA_KEYS, PATIENTS, PRACTICES, PROVIDERS, SESSIONS

if TYPE_CHECKING:
    from telehealth_postgres.work import PostgresWork

_PATIENT, _SESSION = given("patient_id", sa.Uuid()), given("session_id", sa.Uuid())


@cache
def _statement(*, cold: bool) -> Statement:
    """One row, or one for each version of the patient's key if that is not at hand."""
    wanted = [PRACTICES.c.version, PROVIDERS.c.version]
    wanted += [*columns_of(PATIENTS), *columns_of(SESSIONS)]
    source = (
        PRACTICES.outerjoin(
            PATIENTS, (PATIENTS.c.practice_id == PRACTICE) & (PATIENTS.c.id == _PATIENT)
        )
        .outerjoin(SESSIONS, (SESSIONS.c.practice_id == PRACTICE) & (SESSIONS.c.id == _SESSION))
        .outerjoin(
            PROVIDERS,
            (PROVIDERS.c.practice_id == PRACTICE) & (PROVIDERS.c.id == SESSIONS.c.provider_id),
        )
    )
    found = sa.select(*wanted).where(PRACTICES.c.id == PRACTICE)
    if cold:
        mine = (DATA_KEYS.c.practice_id == PRACTICE) & (DATA_KEYS.c.owner == _PATIENT)
        source = source.outerjoin(DATA_KEYS, mine)
        found = found.add_columns(*VERSION).order_by(DATA_KEYS.c.version)
    return Statement.of(found.select_from(source))


def bring(work: "PostgresWork", session_id: SessionId, patient_id: PatientId) -> None:
    """Have all of it at hand in this work."""
    cold = work.keys.cold(patient_id)
    rows = work.rows(_statement(cold=cold), {"session_id": session_id, "patient_id": patient_id})
    if not rows:
        return
    practice_version, provider_version, *row = rows[0]
    width = len(work.patients.shape.columns)
    patient, session = (
        tuple(row[:width]),
        tuple(row[width : width + len(work.sessions.shape.columns)]),
    )
    work.practices.current(work.practice_id, practice_version)
    if provider_version is not None:
        provider_id: ProviderId = work.sessions.shape.of(session, "provider_id")
        work.providers.current(provider_id, provider_version)
    work.patients.bring(patient_id, patient)
    work.sessions.bring(session_id, session)
    if cold:
        work.keys.bring(patient_id, (row[-len(VERSION) :] for row in rows))
