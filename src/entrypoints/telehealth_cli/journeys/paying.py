"""London and New York: payments that do not go through at once. A bank wants its customer to
confirm, and a card is declined after the visit.
"""

from typing import Any

from telehealth_cli.journeys import chapters, uk, us
from telehealth_cli.journeys.chapters import Shift, money
from telehealth_cli.journeys.people import Someone, Staff, fresh_email, londoner, new_yorker
from telehealth_cli.journeys.walk import Walk


def confirmed_payment(walk: Walk, staff: Staff) -> None:
    """The payer's bank asks, the payer confirms, and only then is the visit booked (3-D Secure).

    Raises: Stopped.
    """
    liaison = Someone.sign_in(walk, "liaison", staff.slug, staff.liaison, staff.password)
    with walk.together("liaison", "has a doctor begin to work today", "bookable"):
        shift = chapters.start_shift(liaison, staff, "doctor", uk.DOCTOR)
    profile = londoner("Pat", fresh_email("payer"), "1979-03-04")
    patient = chapters.newcomer(walk, staff, liaison, profile, "patient")
    card = chapters.save_card(patient, "tok_authenticate")
    path = _asked(patient, shift, card, place=(uk.ZONE, uk.PLACE), price=uk.PRICE)
    patient.until(
        "is asked by their bank to confirm the payment",
        f"{path}/charge",
        holds=lambda it: bool(it["outcome"] and it["outcome"]["action"]),
        show=lambda it: f"{it['status']}, {money(it['due'])}: the bank waits",
    )
    patient.get(
        "looks: nothing is booked yet",
        path,
        holds=lambda it: it["status"] == "pending",
        show=lambda it: str(it["status"]),
    )
    patient.post("confirms it with the bank", f"{path}/charge/confirmation", show=_status)
    patient.until(
        "finds it paid, once",
        f"{path}/charge",
        holds=lambda it: it["status"] == "paid" and it["attempt"] == 1,
        show=lambda it: f"{it['status']}, {money(it['paid'])}",
    )
    patient.until(
        "finds the visit booked", path, holds=lambda it: it["status"] == "booked", show=_status
    )


def declined_payment(walk: Walk, staff: Staff) -> None:
    """A card is declined after the visit; another one pays.

    Raises: Stopped.
    """
    liaison = Someone.sign_in(walk, "liaison", staff.slug, staff.liaison, staff.password)
    with walk.together("liaison", "has a therapist begin to work today", "bookable"):
        shift = chapters.start_shift(liaison, staff, "therapist", us.THERAPIST)
    profile = new_yorker("Pat", fresh_email("payer"))
    patient = chapters.newcomer(walk, staff, liaison, profile, "patient")
    card = chapters.save_card(patient, "tok_fails_later")
    path = _asked(patient, shift, card, place=(us.ZONE, us.PLACE), price=us.PRICE)
    with walk.together("both", "meet, once the liaison has approved", "the visit took place"):
        booked = liaison.post("approves", f"{path}/approval")
        chapters.visit(patient, shift.person, booked, us.PLACE)
        chapters.complete(shift.person, booked, "Slept better this week.")
    failed = patient.until(
        "hears that the card was declined",
        f"{path}/charge",
        holds=lambda it: it["status"] == "failed" and it["next_at"] is not None,
        show=lambda it: (
            f"{it['status']}: {it['outcome']['declined']}; tried again on {it['next_at'][:10]}"
        ),
    )
    other = chapters.save_card(patient, "tok_mastercard")
    patient.post(
        "names another card, which is tried at once",
        f"{path}/charge/payment",
        {"card_id": other},
        show=_status,
    )
    patient.until(
        "has paid, once",
        f"{path}/charge",
        holds=lambda it: it["status"] == "paid" and it["attempt"] == failed["attempt"] + 1,
        show=lambda it: f"{it['status']}, {money(it['paid'])}, at attempt {it['attempt']}",
    )


def _asked(
    patient: Someone, shift: Shift, card: str, *, place: tuple[str, str], price: dict[str, Any]
) -> str:
    """A visit is asked for, on this card: two steps. Answers the appointment's path."""
    zone, location = place
    slot = chapters.pick_time(patient, shift, zone)
    with patient.walk.together(patient.role, "picks a time and asks for the visit", "pending"):
        held = chapters.hold(patient, "picks it", slot, location)
        path = f"/v1/appointments/{held['id']}"
        patient.post(
            "asks",
            f"{path}/request",
            {"agreed": price, "card_id": card, "starts_within_cooling_off": True},
        )
    return path


def _status(answer: dict[str, Any]) -> str:
    return str(answer["status"])
