"""Importing files of another system: whole or not at all, told without anybody's values."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from rich.console import Console

from telehealth_cli.importing import import_files, label, printable
from telehealth_core.access.actor import Actor
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import PracticeId
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing.doubles import FixedClock, memory_ports
from telehealth_core.testing.memory import MemoryStore
from telehealth_fhir import BundleContents, read_bundle

SYSTEM = "http://example.org/mrn"
PERSONAL = ("Robin", "Surname", "Secret Street", "1984", "555-0100", "MRN-1", "MRN-2")


def patient(number: int, **other: Any) -> dict[str, Any]:
    """A patient with every kind of personal value."""
    fields = {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": f"MRN-{number}"}],
        "name": [{"family": "Surname", "given": ["Robin"]}],
        "birthDate": "1984-07-02",
        "address": [{"line": ["1 Secret Street"], "city": "Boston", "country": "US"}],
        "telecom": [{"system": "phone", "value": "555-0100"}],
        "photo": [{"title": "not taken"}],
    }
    return {**fields, **other}


@attrs.frozen
class Office:
    """A practice in memory, and files to import there."""

    clinic: Telehealth
    store: MemoryStore
    actor: Actor
    folder: Path

    def file(self, name: str, *resources: dict[str, Any]) -> Path:
        """A file with a bundle of these."""
        entries = [{"resource": one} for one in resources]
        path = self.folder / name
        path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
        return path

    def run(self, *files: Path, **console: Any) -> tuple[int, str]:
        """Exit status and output of an import."""
        written = io.StringIO()
        shown = Console(file=written, width=200, **console)
        return import_files(self.clinic, self.actor, files, read_bundle, shown), written.getvalue()

    @property
    def patients(self) -> list[Patient]:
        """Everybody who is registered."""
        return list(self.store.rows.get("patients", {}).values())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return a practice without patients."""
    store, clock = MemoryStore(), FixedClock()
    clinic = Telehealth(memory_ports(store=store, clock=clock))
    actor = Actor.system(PracticeId(UUID(int=7)))
    practice = Practice(
        id=actor.practice_id,
        slug="example",
        name="Example practice",
        address="1 Example Street",
        jurisdiction_code="us",
        zone="America/New_York",
        settings=Settings(charging=Charging.ON_COMPLETION, approval=Approval.LIAISON),
        opened_at=clock(),
    )
    clinic.practice.open(actor, practice)
    return Office(clinic, store, actor, tmp_path)


def test_patients_of_a_file_are_registered(office: Office) -> None:
    """Their profile is what the file says, in the zone of the practice."""
    status, told = office.run(office.file("one.json", patient(1), {"resourceType": "Claim"}))
    (registered,) = office.patients
    assert status == 0
    assert registered.known.full_name == "Robin Surname"
    assert registered.known.zone == "America/New_York"
    assert "one.json: 1 registered, 0 already known" in told


def test_importing_twice_registers_once(office: Office) -> None:
    """The second time everybody is known already, and nothing is overwritten."""
    path = office.file("one.json", patient(1), patient(2))
    office.run(path)
    before = office.patients
    status, told = office.run(path)
    assert status == 0
    assert "one.json: 0 registered, 2 already known" in told
    assert "keeps what the practice has on record" in told
    assert office.patients == before


def test_a_patient_in_two_files_is_one_patient(office: Office) -> None:
    """The same identifier means the same person, whichever file it comes in."""
    first, second = office.file("1.json", patient(1)), office.file("2.json", patient(1))
    _, told = office.run(first, second)
    assert len(office.patients) == 1
    assert "1.json: 1 registered, 0 already known" in told
    assert "2.json: 0 registered, 1 already known" in told


def test_the_report_counts_what_was_understood_and_what_was_not(office: Office) -> None:
    """Each kind of value and each thing left out has its number."""
    path = office.file("one.json", patient(1), patient(2, telecom=[]), {"resourceType": "Claim"})
    _, told = office.run(path)
    lines = [" ".join(row.split()) for row in told.splitlines()]
    for row in ("Understood, of 2 patients", "2 name", "2 address", "1 phone", "0 e-mail"):
        assert row in lines
    for row in ("1 Claim", "2 Patient.photo", "2 identifier"):
        assert row in lines


def truncated(path: Path) -> None:
    """Cut the file in two."""
    path.write_bytes(path.read_bytes()[:-40])


def not_utf8(path: Path) -> None:
    """Have a byte in it that is no text."""
    path.write_bytes(path.read_bytes().replace(b"Robin", b"Rob\xffn"))


def without_birth_date(path: Path) -> None:
    """Leave out what is needed."""
    path.write_text(path.read_text().replace("birthDate", "otherDate"))


def born_in_the_future(path: Path) -> None:
    """Have something that only registration refuses."""
    path.write_text(path.read_text().replace("1984-07-02", "2984-07-02"))


def gone(path: Path) -> None:
    """Have no file at all."""
    path.unlink()


@pytest.mark.parametrize(
    ("breaks", "place"),
    [
        (truncated, "b.json: line 1 column "),
        (not_utf8, "b.json: byte "),
        (without_birth_date, "b.json: Bundle.entry[1].resource.birthDate: "),
        (born_in_the_future, "b.json: patient 1: birth_date: not in the future"),
        (gone, "b.json: file: No such file or directory"),
    ],
)
def test_a_broken_file_changes_nothing_and_says_where(
    office: Office, breaks: Callable[[Path], None], place: str
) -> None:
    """The good file before it is not imported either, and no value of anybody is told."""
    good = office.file("a.json", patient(1))
    bad = office.file("b.json", {"resourceType": "Claim"}, patient(2))
    breaks(bad)
    status, told = office.run(good, bad)
    assert status == 1
    assert office.patients == []
    assert told.startswith(place)
    assert "Nothing was imported." in told
    assert not [value for value in PERSONAL if value in told]


def test_nothing_personal_is_told_of_good_files_either(office: Office) -> None:
    """The report is made of counts and names of elements."""
    name = "Robin_Surname_1484a42d-0eaf-4654-9cbf-6b050a5cd73b.json"
    _, told = office.run(office.file(name, patient(1)))
    assert not [value for value in PERSONAL if value in told]
    assert "*1484a42d-0eaf-4654-9cbf-6b050a5cd73b.json: 1 registered" in told


def test_what_a_file_is_called_in_the_report_finds_it(tmp_path: Path) -> None:
    """The shortened name is a pattern for the file; other names stay as they are."""
    path = tmp_path / "Some_Body_1484a42d-0eaf-4654-9cbf-6b050a5cd73b.json"
    path.touch()
    assert list(tmp_path.glob(label(path))) == [path]
    assert label(Path("folder/export.json")) == "export.json"


def test_a_folder_means_its_json_files(office: Office) -> None:
    """In order of their names, each once, and nothing else in it."""
    office.file("2.json", patient(2))
    first = office.file("1.json", patient(1))
    (office.folder / "README.txt").write_text("not a bundle")
    status, told = office.run(office.folder, first)
    assert status == 0
    assert len(office.patients) == 2
    assert told.index("1.json:") < told.index("2.json:")
    assert told.count("1.json:") == 1


def test_a_folder_without_files_is_an_error(office: Office) -> None:
    """Nothing to import is more likely a slip than a wish."""
    status, told = office.run(office.folder)
    assert status == 1
    assert "there is no *.json file in it" in told


def test_names_in_a_file_cannot_steer_the_terminal(office: Office) -> None:
    """What is left out is told by its name, which the file chose."""
    nasty = "\x1b[2J[red]Claim"
    _, told = office.run(office.file("one.json", patient(1), {"resourceType": nasty}))
    assert "?[2J[red]Claim" in told
    assert "\x1b" not in told
    assert printable("a\nb") == "a?b"


def test_on_a_terminal_progress_is_shown(office: Office) -> None:
    """A bar tells how far it is, and leaves when done."""
    _, told = office.run(office.file("one.json", patient(1)), force_terminal=True)
    assert "Registering" in told


def test_a_long_list_of_what_was_left_is_summed_up(office: Office) -> None:
    """A file full of strange things does not fill the screen."""
    strange = [{"resourceType": f"Kind{number}"} for number in range(100)]
    _, told = office.run(office.file("one.json", patient(1), *strange))
    assert "61 more kinds" in told
    assert len(told.splitlines()) < 70


def test_what_the_reader_cannot_explain_is_not_swallowed(office: Office) -> None:
    """A defect of ours is no broken file of theirs."""

    def fails(text: bytes, source: str, /, *, zone: str) -> BundleContents:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        import_files(
            office.clinic,
            office.actor,
            [office.file("one.json", patient(1))],
            fails,
            Console(file=io.StringIO()),
        )
    assert office.patients == []
