"""Statements: what is asked in one unit of work, and when."""

import re
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Keys
from telehealth_core.shared import Unknown
from telehealth_core.shared.ids import PatientId
from telehealth_core.testing.contracts import refused
from telehealth_core.testing.contracts.beginning import named, practice
from telehealth_postgres.pipeline import Answer, Pipeline
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri


def test_a_refusal_travels_with_the_end_of_what_was_read(
    database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was written, so nothing is undone: its audit entry is the last thing asked, in the
    same transaction (N06, N11).
    """
    own, nobody, sent = practice("refusing"), PatientId(named("nobody")), list[str]()
    actor = Actor.system(own.id)
    ask = Pipeline.ask

    def noted(questions: Pipeline, text: str, given: Mapping[str, Any]) -> Answer:
        sent.append(text)
        return ask(questions, text, given)

    with PostgresStore.open(application_uri(database), keys, connections=1) as store:
        with store.work(actor) as work:
            work.practices.save(own, own.opened(by=actor.id))
        monkeypatch.setattr(Pipeline, "ask", noted)
        with refused(Unknown), store.work(actor) as work:
            work.patients.get(nobody)
    assert [re.sub(r" \(.*| patients.*", "", one, flags=re.DOTALL) for one in sent] == [
        "SELECT set_config('telehealth.practice', %(practice)s::text, true)",
        "SELECT",
        "INSERT INTO audit",
    ]
    monkeypatch.undo()
    with psycopg.connect(database) as owner:
        entries = owner.execute("SELECT outcome FROM audit WHERE practice_id = %s", [own.id])
        assert sorted(entries.fetchall()) == [("done",), ("unknown",)]
