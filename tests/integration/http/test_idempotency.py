"""Idempotency: a repeated request is the same request."""

import json
from uuid import UUID, uuid5

import pytest

from integration.http.clinic import (
    PASSWORD,
    PROFILE,
    PROVIDER,
    Clinic,
    Person,
    hold,
    referral_letter,
    script,
)

KEY = "5b2f6c1e"


def test_without_a_key_every_request_is_a_new_one_with_a_sortable_id(clinic: Clinic) -> None:
    """Ids that nobody asked for are UUIDv7, later ones greater."""
    admin = clinic.sign_in("admin")
    ids = [UUID(admin.post("/v1/partners", {"name": "Partner"})["id"]) for _ in range(2)]
    assert [id.version for id in ids] == [7, 7]
    assert ids[0].int >> 80 <= ids[1].int >> 80


def test_the_key_names_the_id(clinic: Clinic) -> None:
    """The id follows from who asks, for what, with which key: anybody can compute it."""
    admin = clinic.sign_in("admin")
    made = admin.post("/v1/partners", {"name": "Partner"}, key=KEY)
    assert UUID(made["id"]) == uuid5(UUID(admin.who["user_id"]), f"POST /v1/partners\n{KEY}")


def test_a_hold_sent_twice_is_one_hold(clinic: Clinic) -> None:
    """The same key keeps the same time once, however often it is sent."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    first = patient.post("/v1/appointments", hold(provider), key=KEY)
    again = patient.post("/v1/appointments", hold(provider), key=KEY)
    assert again == first
    assert len(clinic.store.rows["appointments"]) == 1


def test_the_same_key_with_another_time_is_refused(clinic: Clinic) -> None:
    """A key stands for one request; another one under it changes nothing."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    patient.post("/v1/appointments", hold(provider), key=KEY)
    before = clinic.rows()
    answer = patient.ask("POST", "/v1/appointments", hold(provider, 12), key=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "id-reused")
    assert clinic.rows() == before


def test_two_people_with_the_same_key_do_not_meet(clinic: Clinic) -> None:
    """Another person's key is another request."""
    provider = clinic.provider()
    one, other = clinic.verified_patient("one"), clinic.verified_patient("other")
    first = one.post("/v1/appointments", hold(provider), key=KEY)
    second = other.post("/v1/appointments", hold(provider, 12), key=KEY)
    assert first["id"] != second["id"]


def test_a_key_that_is_too_long_is_refused(clinic: Clinic) -> None:
    """A key has at most 200 characters."""
    admin = clinic.sign_in("admin")
    answer = admin.ask("POST", "/v1/partners", {"name": "Partner"}, key="k" * 201)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def _twice(person: Person, path: str, body: object, other: object) -> None:
    first = person.post(path, body, key=KEY)
    assert person.post(path, body, key=KEY) == first
    answer = person.ask("POST", path, other, key=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "id-reused"), answer.text


def test_a_provider_sent_twice_is_one_provider(clinic: Clinic) -> None:
    """The repeat finds the provider, whom another body does not replace."""
    _twice(
        clinic.sign_in("admin"), "/v1/providers", PROVIDER, {**PROVIDER, "name": "Robin Therapist"}
    )


def test_a_message_sent_twice_is_one_message(clinic: Clinic) -> None:
    """The repeat finds the message, whom another text does not replace."""
    patient = clinic.patient()
    path = f"/v1/patients/{patient.who['patient_id']}/conversations/care/messages"
    _twice(patient, path, {"text": "hello"}, {"text": "goodbye"})


def test_a_program_sent_twice_is_one_program(clinic: Clinic) -> None:
    """The repeat finds the program, where the caller may read it."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    clinic.booked(patient, provider)
    body = {
        "provider_id": provider.who["provider_id"],
        "kind": "IOP",
        "starts_on": "2026-11-23",
        "anticipated_discharge_on": "2026-12-23",
    }
    path = f"/v1/patients/{patient.who['patient_id']}/programs"
    _twice(provider, path, body, {**body, "kind": "PHP"})


def test_what_follows_from_a_visit_is_written_once(clinic: Clinic) -> None:
    """A prescription and a letter sent twice are one each."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, provider, appointment)
    other = script(dispensings=2)
    _twice(provider, f"{path}/prescriptions", script(), other)
    provider.post("/v1/sign-ins/current/proof", {"password": PASSWORD}, status=200)
    other = referral_letter(text="Please do not.")
    _twice(provider, f"{path}/letters", referral_letter(), other)


def test_a_referral_sent_twice_is_one_referral(clinic: Clinic) -> None:
    """The repeat finds the referral; another reason is another referral."""
    partner_id = clinic.sign_in("admin").post("/v1/partners", {"name": "Partner"})["id"]
    partner = clinic.staff("partner", partner_id=partner_id)
    body = {"client": {**PROFILE, "email": "client@example.org"}, "reason": "anxiety"}
    _twice(partner, "/v1/referrals", body, {**body, "reason": "another"})


@pytest.mark.parametrize("kind", ["photo", "identity"])
def test_a_picture_sent_twice_is_one_picture(clinic: Clinic, kind: str) -> None:
    """The repeat of a picture is found by its bytes; others under its key are refused."""
    if kind == "photo":
        provider, patient = clinic.provider(), clinic.verified_patient()
        held = patient.post("/v1/appointments", hold(provider))
        path = f"/v1/appointments/{held['id']}/photos"
    else:
        patient = clinic.patient()
        path = f"/v1/patients/{patient.who['patient_id']}/identity/images?kind=selfie"
    first = patient.picture(path, key=KEY)
    again = patient.picture(path, key=KEY)
    other = patient.picture(path, b"image of something else", key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "id-reused")


def test_a_dependant_sent_twice_is_one_dependant(clinic: Clinic) -> None:
    """The repeat of a form finds the child it registered."""
    guardian = clinic.verified_patient()
    child = {**PROFILE, "given_name": "Sam", "birth_date": "2018-05-05"}
    about = {"profile": child, "basis": "parental-responsibility"}

    def send(about: object) -> tuple[int, object]:
        answer = guardian.ask(
            "POST",
            "/v1/dependants",
            data={"dependant": json.dumps(about)},
            files={"evidence": ("birth.jpg", b"image", "image/jpeg")},
            key=KEY,
        )
        return answer.status_code, answer.json()

    status, first = send(about)
    assert status == 201, first
    assert send(about) == (201, first)
    assert send({**about, "profile": {**child, "given_name": "Alex"}})[0] == 409
    assert len(guardian.get("/v1/dependants")["items"]) == 1
