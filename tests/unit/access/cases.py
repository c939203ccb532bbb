"""Every use case, called as somebody who would change or see something of the practice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, FollowScope, GuardianBasis, Role
from telehealth_core.access.emergency import EmergencyAccessOpened, EmergencyReason, Verdict
from telehealth_core.billing.card import CardRemoved
from telehealth_core.billing.charge import Charge, ChargeFailed, ChargePaid, ChargeReleased
from telehealth_core.billing.ledger import Extra
from telehealth_core.billing.life import ChargeCalledOff, ConfirmationLapsed
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.completion import OutcomeKind
from telehealth_core.consultation.note import AddendumKind, NoteBody
from telehealth_core.letters.letter import Delivery
from telehealth_core.letters.life import LetterIssued, RecallReason
from telehealth_core.messaging.conversation import Channel, MessagePosted
from telehealth_core.partnership.referral import ReferralAccepted
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.prescribing.life import PrescriptionCancelled, PrescriptionSent
from telehealth_core.records.conflict import RecordConflictResolved, Side
from telehealth_core.records.link import RecordLinked, RecordPulled
from telehealth_core.records.quarantine import RecordRetried
from telehealth_core.registration.consent import ConsentWithdrawn
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import (
    IdentityApproved,
    IdentityCheck,
    IdentityImagesPurged,
)
from telehealth_core.registration.patient import (
    Identifier,
    PartnerUntied,
    PatientVerified,
    ProfileCompleted,
)
from telehealth_core.scheduling.life import (
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentRequested,
    CancellationReason,
    DeclineCode,
    Declined,
)
from telehealth_core.scheduling.search import Wishes
from telehealth_core.scheduling.session import Mode, SessionAdded
from telehealth_core.shared.ids import (
    AppointmentId,
    AssessmentId,
    CardId,
    ConsentId,
    ConversationId,
    DocumentId,
    EmergencyAccessId,
    EmergencyId,
    LetterId,
    MedicationId,
    MessageId,
    NoteId,
    PartnerId,
    PatientId,
    PrescriptionId,
    ProgramId,
    QuestionnaireId,
    ReferralId,
    RoleGrantId,
    SeriesId,
    SessionId,
    UserId,
    WaitlistEntryId,
)
from telehealth_core.shared.money import Money
from telehealth_core.treatment.program import ProgramKind
from telehealth_core.treatment.questionnaire import AlarmingAnswer
from telehealth_core.workforce import Licence, ProviderDetails, RegisterStatus
from unit.access.world import DAY, LETTER, MORNINGS, PHARMACY, SCRIPT, SECRET, TOKEN, World
from unit.clinic import ALL_SO, PASSWORD, PHOTO, child, profile, provider_of

Call = Callable[[World, Actor, UUID], Any]


@attrs.frozen
class Case:
    """One use case, called so that it would change or show something of the practice; `may` tells
    which outsiders it is open to, and `because` why.
    """

    call: Call
    may: frozenset[str] = frozenset()
    because: str = ""


STRANGERS = ("visitor", "patient", "provider", "partner", "foreign patient")
FOREIGN_STAFF = ("foreign liaison", "foreign admin")
ANYBODY = frozenset(STRANGERS)
PATIENTS = frozenset({"patient", "foreign patient"})
OPEN = "the policy opens it to everybody"
POUND = Money(100, "GBP")
OWN = "it is about the caller's own things only"

CASES: dict[str, Case] = {
    "Access.open_account": Case(
        lambda w, actor, new: w.here.ask.access.open_account(
            actor,
            UserId(new),
            email="x@example.org",
            password=PASSWORD,
            roles=frozenset({Role.PARTNER}),
        )
    ),
    "AccountOffice.page": Case(lambda w, actor, new: w.here.ask.accounts.page(actor)),
    "AccountOffice.ask_roles": Case(
        lambda w, actor, new: w.here.ask.accounts.ask_roles(
            actor, RoleGrantId(new), w.helper.id, frozenset({Role.ADMIN})
        )
    ),
    "AccountOffice.pending_roles": Case(
        lambda w, actor, new: w.here.ask.accounts.pending_roles(actor)
    ),
    "AccountOffice.confirm_roles": Case(
        lambda w, actor, new: w.here.ask.accounts.confirm_roles(actor, w.grant.id)
    ),
    "AccountOffice.refuse_roles": Case(
        lambda w, actor, new: w.here.ask.accounts.refuse_roles(actor, w.grant.id)
    ),
    "AccountOffice.revoke_roles": Case(
        lambda w, actor, new: w.here.ask.accounts.revoke_roles(
            actor, w.here.liaison.id, frozenset({Role.LIAISON})
        )
    ),
    "AccountOffice.disable": Case(
        lambda w, actor, new: w.here.ask.accounts.disable(actor, w.helper.id)
    ),
    "AccountOffice.enable": Case(
        lambda w, actor, new: w.here.ask.accounts.enable(actor, w.helper.id)
    ),
    "AccountOffice.recover": Case(
        lambda w, actor, new: w.here.ask.accounts.recover(actor, w.helper.id)
    ),
    "BreakGlass.open": Case(
        lambda w, actor, new: w.here.ask.emergency.open(
            w.here.fresh(actor),
            EmergencyAccessId(new),
            w.bystander.as_patient(),
            reason=EmergencyReason.DANGER_TO_LIFE,
            text="found unconscious",
        ),
        frozenset({"provider"}),
        "a provider who treats nobody here may, and answers for it",
    ),
    "BreakGlass.unreviewed": Case(lambda w, actor, new: w.here.ask.emergency.unreviewed(actor)),
    "BreakGlass.review": Case(
        lambda w, actor, new: w.here.ask.emergency.review(
            actor, w.glass.id, Verdict.JUSTIFIED, "of course"
        )
    ),
    "Oversight.opened_by": Case(lambda w, actor, new: w.here.ask.oversight.opened_by(actor, w.id)),
    "Oversight.report": Case(lambda w, actor, new: w.here.ask.oversight.report(actor, DAY)),
    "PracticeOffice.open": Case(
        lambda w, actor, new: w.here.ask.practice.open(actor, w.here.practice)
    ),
    "PracticeOffice.view": Case(
        lambda w, actor, new: w.here.ask.practice.view(actor), ANYBODY, OPEN
    ),
    "PracticeOffice.change_settings": Case(
        lambda w, actor, new: w.here.ask.practice.change_settings(
            actor, w.here.practice.settings, replacing=1
        )
    ),
    "PracticeOffice.settings_history": Case(
        lambda w, actor, new: w.here.ask.practice.settings_history(actor)
    ),
    "Registration.register": Case(
        lambda w, actor, new: w.here.ask.registration.register(
            actor, PatientId(new), email=f"{new}@example.org", password=PASSWORD
        ),
        frozenset({"visitor"}),
        "a visitor registers",
    ),
    "Registration.complete_profile": Case(
        lambda w, actor, new: w.here.ask.registration.complete_profile(
            actor, w.id, profile(phone="12345")
        )
    ),
    "IdentityReview.supply": Case(
        lambda w, actor, new: w.here.ask.identity.supply(
            actor, w.id, DocumentKind.SELFIE, DocumentId(new), PHOTO
        )
    ),
    "IdentityReview.submit": Case(lambda w, actor, new: w.here.ask.identity.submit(actor, w.id)),
    "IdentityReview.view": Case(lambda w, actor, new: w.here.ask.identity.view(actor, w.id)),
    "IdentityReview.image": Case(
        lambda w, actor, new: w.here.ask.identity.image(actor, w.id, w.picture.document_id)
    ),
    "IdentityReview.queue": Case(lambda w, actor, new: w.here.ask.identity.queue(actor)),
    "IdentityReview.ask_for_more": Case(
        lambda w, actor, new: w.here.ask.identity.ask_for_more(actor, w.id, "more")
    ),
    "IdentityReview.approve": Case(
        lambda w, actor, new: w.here.ask.identity.approve(actor, w.id, "same", ALL_SO)
    ),
    "IdentityReview.reject": Case(
        lambda w, actor, new: w.here.ask.identity.reject(actor, w.id, "other")
    ),
    "Family.add_dependant": Case(
        lambda w, actor, new: w.here.ask.family.add_dependant(
            actor,
            PatientId(new),
            child(),
            basis=GuardianBasis.COURT_ORDER,
            evidence=DocumentId(new),
            content=PHOTO,
        ),
        PATIENTS,
        OWN,
    ),
    "Registration.view": Case(lambda w, actor, new: w.here.ask.registration.view(actor, w.id)),
    "Family.dependants": Case(
        lambda w, actor, new: w.here.ask.family.dependants(actor), PATIENTS, OWN
    ),
    "Registration.page": Case(lambda w, actor, new: w.here.ask.registration.page(actor)),
    "Registration.enrol": Case(
        lambda w, actor, new: w.here.ask.registration.enrol(
            actor, Identifier(system="ehr", value=str(new)), profile(), ()
        )
    ),
    "Registration.suspend": Case(
        lambda w, actor, new: w.here.ask.registration.suspend(actor, w.id, "a dispute")
    ),
    "Registration.reinstate": Case(
        lambda w, actor, new: w.here.ask.registration.reinstate(actor, w.id)
    ),
    "Registration.close": Case(
        lambda w, actor, new: w.here.ask.registration.close(actor, w.id, "moved away")
    ),
    "IdentityReview.comment": Case(
        lambda w, actor, new: w.here.ask.identity.comment(actor, w.id, "a word")
    ),
    "IdentityReview.note_document": Case(
        lambda w, actor, new: w.here.ask.identity.note_document(actor, w.id, "0" * 64)
    ),
    "IdentityReview.expire": Case(lambda w, actor, new: w.here.ask.identity.expire(actor)),
    "IdentityReview.purge_images": Case(
        lambda w, actor, new: w.here.ask.identity.purge_images(actor)
    ),
    "IdentityReview.delete_images": Case(
        lambda w, actor, new: w.here.ask.identity.delete_images(
            actor, w.told(IdentityImagesPurged, IdentityCheck.id_of(w.id))
        )
    ),
    "Family.guardianships": Case(
        lambda w, actor, new: w.here.ask.family.guardianships(actor, w.kim)
    ),
    "Family.evidence": Case(lambda w, actor, new: w.here.ask.family.evidence(actor, w.kim, w.id)),
    "Family.renew": Case(
        lambda w, actor, new: w.here.ask.family.renew(actor, w.kim, w.id, "in good hands"),
        frozenset({"provider"}),
        "any clinician of the practice may decide who acts for a child",
    ),
    "Family.suspend": Case(
        lambda w, actor, new: w.here.ask.family.suspend(actor, w.kim, w.id, "a worry")
    ),
    "Family.resume": Case(
        lambda w, actor, new: w.here.ask.family.resume(actor, w.kim, w.id, "no worry")
    ),
    "Family.end": Case(
        lambda w, actor, new: w.here.ask.family.end(actor, w.kim, w.id, "no authority")
    ),
    "Family.offer_record": Case(
        lambda w, actor, new: w.here.ask.family.offer_record(
            w.here.fresh(actor), w.grown.id, invitation="mine", reason="me"
        )
    ),
    "Family.take_over": Case(
        lambda w, actor, new: w.here.ask.family.take_over(
            actor, w.grown.id, invitation=SECRET, email="grown@example.org", password=PASSWORD
        ),
        frozenset({"visitor"}),
        "whoever has the invitation takes over their own record",
    ),
    "Duplicates.suspect": Case(
        lambda w, actor, new: w.here.ask.duplicates.suspect(actor, w.told(ProfileCompleted, w.id))
    ),
    "Duplicates.queue": Case(lambda w, actor, new: w.here.ask.duplicates.queue(actor)),
    "Duplicates.dismiss": Case(
        lambda w, actor, new: w.here.ask.duplicates.dismiss(actor, w.suspicion, "two")
    ),
    "Duplicates.confirm": Case(
        lambda w, actor, new: w.here.ask.duplicates.confirm(actor, w.suspicion, "one")
    ),
    "Consenting.assess": Case(
        lambda w, actor, new: w.here.ask.consents.assess(
            actor, AssessmentId(new), w.id, w.appointment.id, competent=True, reason="bright"
        )
    ),
    "Consenting.assessments": Case(
        lambda w, actor, new: w.here.ask.consents.assessments(actor, w.id)
    ),
    "Consenting.give": Case(
        lambda w, actor, new: w.here.ask.consents.give(
            actor, ConsentId(new), w.id, ConsentPurpose.MARKETING, text_hash=w.consent.text_hash
        )
    ),
    "Consenting.refuse": Case(
        lambda w, actor, new: w.here.ask.consents.refuse(
            actor, ConsentId(new), w.id, ConsentPurpose.GP_SHARING, text_hash=w.consent.text_hash
        )
    ),
    "Consenting.withdraw": Case(
        lambda w, actor, new: w.here.ask.consents.withdraw(actor, w.consent.id)
    ),
    "Consenting.of_patient": Case(
        lambda w, actor, new: w.here.ask.consents.of_patient(actor, w.id)
    ),
    "Workforce.add": Case(
        lambda w, actor, new: w.here.ask.workforce.add(
            actor,
            attrs.evolve(
                w.here.store.rows["providers"][provider_of(w.provider)], id=new, version=1
            ),
        )
    ),
    "Workforce.find": Case(lambda w, actor, new: w.here.ask.workforce.find(actor), ANYBODY, OPEN),
    "Workforce.view": Case(
        lambda w, actor, new: w.here.ask.workforce.view(actor, provider_of(w.provider)),
        ANYBODY - {"foreign patient"},
        OPEN,
    ),
    "Workforce.file": Case(
        lambda w, actor, new: w.here.ask.workforce.file(actor, provider_of(w.provider))
    ),
    "Workforce.revise": Case(
        lambda w, actor, new: w.here.ask.workforce.revise(
            actor,
            provider_of(w.provider),
            ProviderDetails(
                name="Somebody Else",
                gender=None,
                specialties=frozenset(),
                languages=frozenset(),
                services=w.here.store.rows["providers"][provider_of(w.provider)].services,
                prescriber=True,
            ),
            replacing=w.here.store.rows["providers"][provider_of(w.provider)].version,
        )
    ),
    "Workforce.license": Case(
        lambda w, actor, new: w.here.ask.workforce.license(
            actor,
            provider_of(w.provider),
            Licence(regulator="Another Register", number="1", expires_on=date(2030, 1, 1)),
        )
    ),
    "Workforce.check": Case(
        lambda w, actor, new: w.here.ask.workforce.check(
            actor,
            provider_of(w.provider),
            regulator="Example Register",
            region=None,
            status=RegisterStatus.SUSPENDED,
        )
    ),
    "Workforce.strike": Case(
        lambda w, actor, new: w.here.ask.workforce.strike(
            actor, provider_of(w.provider), regulator="Example Register", region=None
        )
    ),
    "Workforce.suspend": Case(
        lambda w, actor, new: w.here.ask.workforce.suspend(actor, provider_of(w.provider), "so")
    ),
    "Workforce.reinstate": Case(
        lambda w, actor, new: w.here.ask.workforce.reinstate(actor, provider_of(w.provider), "so")
    ),
    "Workforce.leave": Case(
        lambda w, actor, new: w.here.ask.workforce.leave(actor, provider_of(w.provider), "so")
    ),
    "VisitsAtRisk.of_provider": Case(
        lambda w, actor, new: w.here.ask.at_risk.of_provider(actor, provider_of(w.provider))
    ),
    "Workforce.due_licences": Case(
        lambda w, actor, new: w.here.ask.workforce.due_licences(actor, within_days=30)
    ),
    "Billing.save_card": Case(
        lambda w, actor, new: w.here.ask.billing.save_card(actor, CardId(new), "tok_visa"),
        PATIENTS,
        OWN,
    ),
    "Billing.cards": Case(lambda w, actor, new: w.here.ask.billing.cards(actor), PATIENTS, OWN),
    "Billing.charge": Case(
        lambda w, actor, new: w.here.ask.billing.charge(actor, w.appointment.id)
    ),
    "Billing.correct": Case(
        lambda w, actor, new: w.here.ask.billing.correct(
            actor, w.appointment.id, insurance_bp=10_000, extras=(), reason="a gift"
        )
    ),
    "Billing.prefer_card": Case(
        lambda w, actor, new: w.here.ask.billing.prefer_card(actor, w.card.id)
    ),
    "Billing.remove_card": Case(
        lambda w, actor, new: w.here.ask.billing.remove_card(actor, w.card.id)
    ),
    "Billing.propose_increase": Case(
        lambda w, actor, new: w.here.ask.billing.propose_increase(
            actor, w.appointment.id, extras=(Extra("more", POUND),), reason="more"
        )
    ),
    "Billing.agree": Case(
        lambda w, actor, new: w.here.ask.billing.agree(actor, w.appointment.id, POUND)
    ),
    "Billing.pay": Case(
        lambda w, actor, new: w.here.ask.billing.pay(actor, w.appointment.id, w.card.id)
    ),
    "Billing.confirm": Case(
        lambda w, actor, new: w.here.ask.billing.confirm(actor, w.appointment.id)
    ),
    "Billing.refund": Case(
        lambda w, actor, new: w.here.ask.billing.refund(
            actor, w.appointment.id, POUND, reason="a favor"
        )
    ),
    "Billing.write_off": Case(
        lambda w, actor, new: w.here.ask.billing.write_off(
            actor, w.appointment.id, reason="a favor"
        )
    ),
    "Billing.arrears": Case(lambda w, actor, new: w.here.ask.billing.arrears(actor)),
    "Billing.totals": Case(lambda w, actor, new: w.here.ask.billing.totals(actor, DAY)),
    "Collecting.abandon": Case(
        lambda w, actor, new: w.here.ask.collecting.abandon(
            actor, w.told(ConfirmationLapsed, Charge.id_of(w.appointment.id))
        )
    ),
    "Collecting.forget_card": Case(
        lambda w, actor, new: w.here.ask.collecting.forget_card(
            actor, w.told(CardRemoved, w.card.id)
        )
    ),
    "Collecting.retry_due": Case(lambda w, actor, new: w.here.ask.collecting.retry_due(actor)),
    "Cancellation.terms": Case(
        lambda w, actor, new: w.here.ask.cancellation.terms(actor, w.appointment.id)
    ),
    "Cancellation.miss": Case(
        lambda w, actor, new: w.here.ask.cancellation.miss(actor, w.appointment.id)
    ),
    "Cancellation.sweep": Case(lambda w, actor, new: w.here.ask.cancellation.sweep(actor)),
    "Collecting.collect": Case(
        lambda w, actor, new: w.here.ask.collecting.collect(
            actor, w.told(ChargeReleased, Charge.id_of(w.appointment.id))
        )
    ),
    "Collecting.release": Case(
        lambda w, actor, new: w.here.ask.collecting.release(
            actor, w.told(AppointmentFulfilled, w.appointment.id)
        )
    ),
    "Collecting.give_back": Case(
        lambda w, actor, new: w.here.ask.collecting.give_back(
            actor,
            w.told(ChargeCalledOff, Charge.id_of(w.appointment.id)),
        )
    ),
    "Billing.report": Case(lambda w, actor, new: w.here.ask.billing.report(actor, DAY)),
    "PracticeDiary.add_series": Case(
        lambda w, actor, new: w.here.ask.diary.add_series(
            actor,
            SessionId(new),
            provider_id=provider_of(w.provider),
            recurrence=MORNINGS,
            service="visit",
            modes=frozenset(Mode),
            start_every_minutes=30,
        )
    ),
    "PracticeDiary.add_session": Case(
        lambda w, actor, new: w.here.ask.diary.add_session(
            actor,
            SessionId(new),
            provider_id=provider_of(w.provider),
            during=DAY,
            service="visit",
            modes=frozenset(Mode),
            start_every_minutes=30,
        )
    ),
    "Waitlist.join": Case(
        lambda w, actor, new: w.here.ask.waitlist.join(
            actor,
            WaitlistEntryId(new),
            patient_id=w.id,
            provider_id=provider_of(w.provider),
            location="GB",
            period=DAY,
        )
    ),
    "Waitlist.leave": Case(lambda w, actor, new: w.here.ask.waitlist.leave(actor, w.waiting.id)),
    "Waitlist.of_patient": Case(lambda w, actor, new: w.here.ask.waitlist.of_patient(actor, w.id)),
    "Waitlist.queue": Case(lambda w, actor, new: w.here.ask.waitlist.queue(actor)),
    "Waitlist.offer_freed": Case(
        lambda w, actor, new: w.here.ask.waitlist.offer_freed(
            actor,
            w.told(AppointmentCancelled, w.appointment.id, CancellationReason.PATIENT),
        )
    ),
    "Waitlist.offer_new": Case(
        lambda w, actor, new: w.here.ask.waitlist.offer_new(
            actor, w.told(SessionAdded, w.session.id)
        )
    ),
    "Waitlist.note_taken": Case(
        lambda w, actor, new: w.here.ask.waitlist.note_taken(
            actor, w.told(AppointmentRequested, w.pending.id)
        )
    ),
    "Waitlist.offer_again": Case(lambda w, actor, new: w.here.ask.waitlist.offer_again(actor)),
    "Searching.zone": Case(lambda w, actor, new: w.here.ask.search.zone(actor), ANYBODY, OPEN),
    "Searching.find_times": Case(
        lambda w, actor, new: w.here.ask.search.find_times(actor, Wishes(period=DAY)),
        ANYBODY,
        OPEN,
    ),
    "Searching.find_providers": Case(
        lambda w, actor, new: w.here.ask.search.find_providers(actor, Wishes(period=DAY)),
        ANYBODY,
        OPEN,
    ),
    "Searching.open_days": Case(
        lambda w, actor, new: w.here.ask.search.open_days(
            actor, Wishes(period=DAY, providers=frozenset({provider_of(w.provider)})), "UTC"
        ),
        ANYBODY,
        OPEN,
    ),
    "PracticeDiary.open_times": Case(
        lambda w, actor, new: w.here.ask.diary.open_times(actor, provider_of(w.provider), DAY),
        ANYBODY,
        OPEN,
    ),
    "Scheduling.hold": Case(
        lambda w, actor, new: w.here.hold(
            actor,
            w.session,
            w.session.during.start + timedelta(hours=2),
            id=new,
            on_behalf_of=w.id,
        )
    ),
    "Scheduling.describe": Case(
        lambda w, actor, new: w.here.ask.scheduling.describe(actor, w.held.id, reason="mine")
    ),
    "Scheduling.attach": Case(
        lambda w, actor, new: w.here.ask.scheduling.attach(actor, w.held.id, DocumentId(new), PHOTO)
    ),
    "Scheduling.photo": Case(
        lambda w, actor, new: w.here.ask.scheduling.photo(actor, w.held.id, w.photo)
    ),
    "Scheduling.request": Case(
        lambda w, actor, new: w.here.ask.scheduling.request(
            actor, w.held.id, agreed=w.held.price, card_id=w.card.id
        )
    ),
    "Approving.decide_requested": Case(
        lambda w, actor, new: w.here.ask.approval.decide_requested(
            actor, w.told(AppointmentRequested, w.pending.id)
        )
    ),
    "Approving.decide_paid": Case(
        lambda w, actor, new: w.here.ask.approval.decide_paid(
            actor, w.told(ChargePaid, Charge.id_of(w.pending.id))
        )
    ),
    "Scheduling.give_up_unpaid": Case(
        lambda w, actor, new: w.here.ask.scheduling.give_up_unpaid(
            actor, w.told(ChargeFailed, Charge.id_of(w.pending.id))
        )
    ),
    "Approving.checks": Case(lambda w, actor, new: w.here.ask.approval.checks(actor, w.pending.id)),
    "Approving.approve": Case(
        lambda w, actor, new: w.here.ask.approval.approve(actor, w.pending.id)
    ),
    "Approving.decline": Case(
        lambda w, actor, new: w.here.ask.approval.decline(
            actor, w.pending.id, Declined(DeclineCode.OTHER)
        )
    ),
    "Scheduling.reschedule": Case(
        lambda w, actor, new: w.here.ask.scheduling.reschedule(
            actor,
            w.pending.id,
            session_id=w.session.id,
            start=w.session.during.start + timedelta(hours=3),
        )
    ),
    "Scheduling.cancel": Case(
        lambda w, actor, new: w.here.ask.scheduling.cancel(actor, w.pending.id)
    ),
    "Scheduling.view": Case(
        lambda w, actor, new: w.here.ask.scheduling.view(actor, w.appointment.id)
    ),
    "PracticeDiary.calendar": Case(lambda w, actor, new: w.here.ask.diary.calendar(actor, w.id)),
    "PracticeDiary.schedule": Case(
        lambda w, actor, new: w.here.ask.diary.schedule(actor, provider_of(w.provider), DAY)
    ),
    "PracticeDiary.dashboard": Case(lambda w, actor, new: w.here.ask.diary.dashboard(actor, DAY)),
    "Scheduling.form": Case(
        lambda w, actor, new: w.here.ask.scheduling.form(actor, w.appointment.id)
    ),
    "Scheduling.pre_screen": Case(
        lambda w, actor, new: w.here.ask.scheduling.pre_screen(actor, w.held.id, ())
    ),
    "Scheduling.history": Case(
        lambda w, actor, new: w.here.ask.scheduling.history(actor, w.appointment.id)
    ),
    "Scheduling.hide": Case(lambda w, actor, new: w.here.ask.scheduling.hide(actor, w.pending.id)),
    "Scheduling.unhide": Case(
        lambda w, actor, new: w.here.ask.scheduling.unhide(actor, w.pending.id)
    ),
    "Approving.expire_unanswered": Case(
        lambda w, actor, new: w.here.ask.approval.expire_unanswered(actor)
    ),
    "FrontDesk.book": Case(
        lambda w, actor, new: w.here.ask.desk.book(
            actor,
            AppointmentId(new),
            patient_id=w.id,
            session_id=w.session.id,
            start=w.session.during.start + timedelta(hours=2),
            mode=Mode.VIDEO,
            location="GB",
            agreed=w.session.price,
        )
    ),
    "FrontDesk.amend": Case(
        lambda w, actor, new: w.here.ask.desk.amend(
            actor, w.pending.id, mode=Mode.VOICE, location="GB", description=None, because="so"
        )
    ),
    "FrontDesk.review": Case(
        lambda w, actor, new: w.here.ask.desk.review(actor, w.pending.id, "called them")
    ),
    "SeriesBooking.book": Case(
        lambda w, actor, new: w.here.ask.series.book(actor, SeriesId(new), w.wish)
    ),
    "SeriesBooking.of": Case(lambda w, actor, new: w.here.ask.series.of(actor, w.pending.id)),
    "SeriesBooking.cancel_rest": Case(
        lambda w, actor, new: w.here.ask.series.cancel_rest(actor, w.pending.id)
    ),
    "PracticeDiary.publish_session": Case(
        lambda w, actor, new: w.here.ask.diary.publish_session(actor, w.session.id)
    ),
    "PracticeDiary.revise_session": Case(
        lambda w, actor, new: w.here.ask.diary.revise_session(
            actor, w.session.id, modes=frozenset(Mode), price=w.session.price
        )
    ),
    "PracticeDiary.close_session": Case(
        lambda w, actor, new: w.here.ask.diary.close_session(actor, w.session.id)
    ),
    "PracticeDiary.of_patient": Case(
        lambda w, actor, new: w.here.ask.diary.of_patient(actor, w.id)
    ),
    "PracticeDiary.of_provider": Case(
        lambda w, actor, new: w.here.ask.diary.of_provider(actor, provider_of(w.provider), DAY)
    ),
    "PracticeDiary.in_period": Case(lambda w, actor, new: w.here.ask.diary.in_period(actor, DAY)),
    "PracticeDiary.newest": Case(lambda w, actor, new: w.here.ask.diary.newest(actor)),
    "ConsultationRoom.join": Case(
        lambda w, actor, new: w.here.ask.consultation.join(actor, w.appointment.id, "GB")
    ),
    "ConsultationRoom.view": Case(
        lambda w, actor, new: w.here.ask.consultation.view(actor, w.appointment.id)
    ),
    "ConsultationRoom.complete": Case(
        lambda w, actor, new: w.here.ask.consultation.complete(actor, w.appointment.id)
    ),
    "ConsultationRoom.waiting_room": Case(
        lambda w, actor, new: w.here.ask.consultation.waiting_room(actor, w.appointment.id)
    ),
    "ConsultationRoom.change_mode": Case(
        lambda w, actor, new: w.here.ask.consultation.change_mode(
            actor, w.appointment.id, Mode.VOICE
        )
    ),
    "ConsultationRoom.confirm_identity": Case(
        lambda w, actor, new: w.here.ask.consultation.confirm_identity(
            actor, w.appointment.id, IdentityMethod.KNOWN
        )
    ),
    "ConsultationRoom.report_failure": Case(
        lambda w, actor, new: w.here.ask.consultation.report_failure(
            actor, w.appointment.id, "no sound"
        )
    ),
    "ConsultationRoom.call_off": Case(
        lambda w, actor, new: w.here.ask.consultation.call_off(
            actor, w.appointment.id, OutcomeKind.TECHNICAL_FAILURE
        )
    ),
    "ConsultationRoom.finish_ended": Case(
        lambda w, actor, new: w.here.ask.consultation.finish_ended(actor)
    ),
    "ConsultationRoom.unconfirmed": Case(
        lambda w, actor, new: w.here.ask.consultation.unconfirmed(actor),
        frozenset({"provider"}),
        OWN,
    ),
    "VisitNotes.write": Case(
        lambda w, actor, new: w.here.ask.notes.write(
            actor, w.appointment.id, NoteBody(summary="mine")
        )
    ),
    "VisitNotes.sign": Case(lambda w, actor, new: w.here.ask.notes.sign(actor, w.appointment.id)),
    "VisitNotes.add": Case(
        lambda w, actor, new: w.here.ask.notes.add(
            actor, w.appointment.id, new, kind=AddendumKind.CORRECTION, reason="a slip", text="mine"
        )
    ),
    "VisitNotes.hide": Case(
        lambda w, actor, new: w.here.ask.notes.hide(actor, w.appointment.id, hidden=True)
    ),
    "VisitNotes.read": Case(lambda w, actor, new: w.here.ask.notes.read(actor, w.appointment.id)),
    "VisitNotes.write_apart": Case(
        lambda w, actor, new: w.here.ask.notes.write_apart(
            actor, NoteId(new), w.appointment.id, "mine"
        )
    ),
    "VisitNotes.read_apart": Case(
        lambda w, actor, new: w.here.ask.notes.read_apart(actor, w.apart.id)
    ),
    "VisitNotes.apart": Case(lambda w, actor, new: w.here.ask.notes.apart(actor, w.appointment.id)),
    "ConnectionFeedback.give": Case(
        lambda w, actor, new: w.here.ask.feedback.give(actor, w.appointment.id, rating=5)
    ),
    "ConnectionFeedback.of_visit": Case(
        lambda w, actor, new: w.here.ask.feedback.of_visit(actor, w.appointment.id)
    ),
    "ConnectionFeedback.summary": Case(
        lambda w, actor, new: w.here.ask.feedback.summary(actor, DAY)
    ),
    "Emergencies.raise_emergency": Case(
        lambda w, actor, new: w.here.ask.emergencies.raise_emergency(
            actor, EmergencyId(new), w.appointment.id
        )
    ),
    "Emergencies.quiet_exit": Case(
        lambda w, actor, new: w.here.ask.emergencies.quiet_exit(
            actor, EmergencyId(new), w.appointment.id
        )
    ),
    "Emergencies.queue": Case(lambda w, actor, new: w.here.ask.emergencies.queue(actor)),
    "Emergencies.log": Case(
        lambda w, actor, new: w.here.ask.emergencies.log(actor, w.emergency.id, "mine")
    ),
    "Emergencies.close": Case(
        lambda w, actor, new: w.here.ask.emergencies.close(actor, w.emergency.id, "mine")
    ),
    "ProviderDesk.workspace": Case(
        lambda w, actor, new: w.here.ask.provider_desk.workspace(actor, w.appointment.id)
    ),
    "Prescribing.draft": Case(
        lambda w, actor, new: w.here.ask.prescribing.draft(
            actor, PrescriptionId(new), w.appointment.id, SCRIPT
        )
    ),
    "Prescribing.edit": Case(
        lambda w, actor, new: w.here.ask.prescribing.edit(actor, w.prescription.id, SCRIPT)
    ),
    "Prescribing.sign": Case(
        lambda w, actor, new: w.here.ask.prescribing.sign(actor, w.prescription.id)
    ),
    "Prescribing.cancel": Case(
        lambda w, actor, new: w.here.ask.prescribing.cancel(actor, w.signed.id, "mine now")
    ),
    "Prescribing.reissue": Case(
        lambda w, actor, new: w.here.ask.prescribing.reissue(
            actor, PrescriptionId(new), w.signed.id, "mine now"
        )
    ),
    "Prescribing.hide": Case(
        lambda w, actor, new: w.here.ask.prescribing.hide(actor, w.signed.id, hidden=True)
    ),
    "Prescribing.copy": Case(lambda w, actor, new: w.here.ask.prescribing.copy(actor, w.signed.id)),
    "Prescribing.to_review": Case(lambda w, actor, new: w.here.ask.prescribing.to_review(actor)),
    "Prescribing.review": Case(
        lambda w, actor, new: w.here.ask.prescribing.review(actor, w.signed.id, "fine")
    ),
    "Dispensing.send": Case(
        lambda w, actor, new: w.here.ask.dispensing.send(
            actor, w.signed.id, PHARMACY, token=TOKEN * 2
        )
    ),
    "Dispensing.transmit": Case(
        lambda w, actor, new: w.here.ask.dispensing.transmit(
            actor, w.told(PrescriptionSent, w.sent.id)
        )
    ),
    "Dispensing.withdraw": Case(
        lambda w, actor, new: w.here.ask.dispensing.withdraw(
            actor, w.told(PrescriptionCancelled, w.sent.id)
        )
    ),
    "Dispensing.claim": Case(
        lambda w, actor, new: w.here.ask.dispensing.claim(actor, new, TOKEN),
        frozenset({"visitor"}),
        "whoever has the token is the pharmacy that was sent it",
    ),
    "Dispensing.expire_due": Case(lambda w, actor, new: w.here.ask.dispensing.expire_due(actor)),
    "Prescribing.of_patient": Case(
        lambda w, actor, new: w.here.ask.prescribing.of_patient(actor, w.id)
    ),
    "Correspondence.issue": Case(
        lambda w, actor, new: w.here.ask.letters.issue(
            actor, LetterId(new), w.appointment.id, LETTER
        )
    ),
    "Correspondence.correct": Case(
        lambda w, actor, new: w.here.ask.letters.correct(actor, LetterId(new), w.letter.id, LETTER)
    ),
    "Correspondence.recall": Case(
        lambda w, actor, new: w.here.ask.letters.recall(
            actor, w.letter.id, RecallReason.WRONG_CONTENT, "mine now"
        )
    ),
    "Correspondence.hide": Case(
        lambda w, actor, new: w.here.ask.letters.hide(actor, w.letter.id, hidden=True)
    ),
    "Records.poll_patients": Case(lambda w, actor, new: w.here.ask.records.poll_patients(actor)),
    "Records.poll_appointments": Case(
        lambda w, actor, new: w.here.ask.records.poll_appointments(actor)
    ),
    "Records.refresh_upcoming": Case(
        lambda w, actor, new: w.here.ask.records.refresh_upcoming(actor)
    ),
    "Records.refresh": Case(
        lambda w, actor, new: w.here.ask.records.refresh(actor, w.appointment.id)
    ),
    "Records.age": Case(lambda w, actor, new: w.here.ask.records.age(actor, w.appointment.id)),
    "Records.push": Case(
        lambda w, actor, new: w.here.ask.records.push(actor, w.told(ProfileCompleted, w.id))
    ),
    "Records.push_link": Case(
        lambda w, actor, new: w.here.ask.records.push_link(actor, w.told(RecordPulled, w.link.id))
    ),
    "Records.push_decided": Case(
        lambda w, actor, new: w.here.ask.records.push_decided(
            actor, w.told(RecordConflictResolved, w.conflict.id)
        )
    ),
    "Records.hear_linked": Case(
        lambda w, actor, new: w.here.ask.records.hear_linked(actor, w.told(RecordLinked, w.link.id))
    ),
    "Records.hear_verified": Case(
        lambda w, actor, new: w.here.ask.records.hear_verified(actor, w.told(PatientVerified, w.id))
    ),
    "Records.hear_retried": Case(
        lambda w, actor, new: w.here.ask.records.hear_retried(
            actor, w.told(RecordRetried, w.quarantined.id)
        )
    ),
    "RecordQueue.link_provider": Case(
        lambda w, actor, new: w.here.ask.record_queue.link_provider(
            actor, provider_of(w.helper), "e"
        )
    ),
    "RecordQueue.conflicts": Case(lambda w, actor, new: w.here.ask.record_queue.conflicts(actor)),
    "RecordQueue.resolve": Case(
        lambda w, actor, new: w.here.ask.record_queue.resolve(
            actor, w.conflict.id, {"family_name": Side.THEIRS}, "so I say"
        )
    ),
    "RecordQueue.waiting": Case(lambda w, actor, new: w.here.ask.record_queue.waiting(actor)),
    "RecordQueue.match": Case(
        lambda w, actor, new: w.here.ask.record_queue.match(actor, w.quarantined.id, w.id)
    ),
    "RecordQueue.enrol": Case(
        lambda w, actor, new: w.here.ask.record_queue.enrol(actor, w.quarantined.id)
    ),
    "RecordQueue.retry": Case(
        lambda w, actor, new: w.here.ask.record_queue.retry(actor, w.quarantined.id)
    ),
    "RecordQueue.dismiss": Case(
        lambda w, actor, new: w.here.ask.record_queue.dismiss(actor, w.quarantined.id, "gone")
    ),
    "Posting.deliver": Case(
        lambda w, actor, new: w.here.ask.posting.deliver(actor, w.letter.id, Delivery.POST)
    ),
    "Posting.acknowledge": Case(
        lambda w, actor, new: w.here.ask.posting.acknowledge(actor, w.letter.id, "somebody")
    ),
    "Posting.unanswered": Case(lambda w, actor, new: w.here.ask.posting.unanswered(actor)),
    "Posting.keep_from_gp": Case(
        lambda w, actor, new: w.here.ask.posting.keep_from_gp(actor, w.told(ConsentWithdrawn, new))
    ),
    "Posting.attach": Case(
        lambda w, actor, new: w.here.ask.posting.attach(actor, w.told(LetterIssued, w.letter.id))
    ),
    "Correspondence.of_patient": Case(
        lambda w, actor, new: w.here.ask.letters.of_patient(actor, w.id)
    ),
    "Correspondence.pdf": Case(lambda w, actor, new: w.here.ask.letters.pdf(actor, w.letter.id)),
    "Treatment.start": Case(
        lambda w, actor, new: w.here.ask.treatment.start(
            actor,
            ProgramId(new),
            patient_id=w.id,
            provider_id=provider_of(w.provider),
            kind=ProgramKind.PHP,
            starts_on=date(2026, 11, 1),
            anticipated_discharge_on=None,
        )
    ),
    "Treatment.revise": Case(
        lambda w, actor, new: w.here.ask.treatment.revise(
            actor,
            w.program.id,
            kind=ProgramKind.PHP,
            anticipated_discharge_on=None,
            reason="worse",
        )
    ),
    "Treatment.discharge": Case(
        lambda w, actor, new: w.here.ask.treatment.discharge(
            actor, w.program.id, on=date(2026, 12, 1), reason="better"
        )
    ),
    "Treatment.begin": Case(
        lambda w, actor, new: w.here.ask.treatment.begin(
            actor, w.program.id, on=date(2026, 12, 1), reason="a place is free"
        )
    ),
    "Treatment.pause": Case(
        lambda w, actor, new: w.here.ask.treatment.pause(
            actor, w.program.id, on=date(2026, 12, 1), reason="in hospital"
        )
    ),
    "Treatment.resume": Case(
        lambda w, actor, new: w.here.ask.treatment.resume(
            actor,
            w.program.id,
            on=date(2026, 12, 1),
            anticipated_discharge_on=None,
            reason="back home",
        )
    ),
    "Treatment.cancel": Case(
        lambda w, actor, new: w.here.ask.treatment.cancel(actor, w.program.id, reason="moved")
    ),
    "Treatment.activity": Case(lambda w, actor, new: w.here.ask.treatment.activity(actor, w.id)),
    "MedicationList.put": Case(
        lambda w, actor, new: w.here.ask.medications.put(
            actor,
            MedicationId(new),
            w.id,
            medicine="Example",
            dose="5 mg",
            directions="one",
            since=date(2026, 11, 1),
        )
    ),
    "MedicationList.change": Case(
        lambda w, actor, new: w.here.ask.medications.change(
            actor, w.medication.id, dose="10 mg", directions="two", reason="too little"
        )
    ),
    "MedicationList.pause": Case(
        lambda w, actor, new: w.here.ask.medications.pause(actor, w.medication.id, reason="rash")
    ),
    "MedicationList.resume": Case(
        lambda w, actor, new: w.here.ask.medications.resume(actor, w.medication.id, reason="gone")
    ),
    "MedicationList.stop": Case(
        lambda w, actor, new: w.here.ask.medications.stop(
            actor, w.medication.id, on=date(2026, 12, 1), reason="rash"
        )
    ),
    "MedicationList.retract": Case(
        lambda w, actor, new: w.here.ask.medications.retract(
            actor, w.medication.id, reason="another patient's"
        )
    ),
    "MedicationList.of_patient": Case(
        lambda w, actor, new: w.here.ask.medications.of_patient(actor, w.id)
    ),
    "QuestionnaireBook.answer": Case(
        lambda w, actor, new: w.here.ask.questionnaires.answer(
            actor, QuestionnaireId(new), w.id, instrument="gad-7", answers=(0,) * 7
        )
    ),
    "QuestionnaireBook.of_patient": Case(
        lambda w, actor, new: w.here.ask.questionnaires.of_patient(actor, w.id)
    ),
    "QuestionnaireBook.alarms": Case(lambda w, actor, new: w.here.ask.questionnaires.alarms(actor)),
    "QuestionnaireBook.see_alarm": Case(
        lambda w, actor, new: w.here.ask.questionnaires.see_alarm(actor, w.questionnaire.id)
    ),
    "Treatment.of_patient": Case(
        lambda w, actor, new: w.here.ask.treatment.of_patient(actor, w.id)
    ),
    "Partnership.add_partner": Case(
        lambda w, actor, new: w.here.ask.partnership.add_partner(actor, PartnerId(new), "Charity")
    ),
    "Partnership.refer": Case(
        lambda w, actor, new: w.here.ask.partnership.refer(
            actor, ReferralId(new), profile(), "needs care"
        ),
        frozenset({"partner"}),
        OWN,
    ),
    "Partnership.view_referral": Case(
        lambda w, actor, new: w.here.ask.partnership.view_referral(actor, w.referral.id)
    ),
    "Partnership.accept": Case(
        lambda w, actor, new: w.here.ask.partnership.accept(
            actor, w.referral.id, invitation=SECRET * 2
        )
    ),
    "Partnership.decline": Case(
        lambda w, actor, new: w.here.ask.partnership.decline(actor, w.referral.id, "full")
    ),
    "Partnership.enrol": Case(
        lambda w, actor, new: w.here.ask.partnership.enrol(
            actor,
            PatientId(new),
            invitation=SECRET,
            password=PASSWORD,
            consent_days=None,
        ),
        frozenset({"visitor"}),
        "whoever has the invitation is its client",
    ),
    "Partnership.suspend_partner": Case(
        lambda w, actor, new: w.here.ask.partnership.suspend_partner(
            actor, w.referral.partner_id, "a complaint"
        )
    ),
    "Partnership.reinstate_partner": Case(
        lambda w, actor, new: w.here.ask.partnership.reinstate_partner(
            actor, w.referral.partner_id, "settled"
        )
    ),
    "Partnership.partners": Case(lambda w, actor, new: w.here.ask.partnership.partners(actor)),
    "Partnership.draft": Case(
        lambda w, actor, new: w.here.ask.partnership.draft(
            actor, ReferralId(new), profile(), "needs care"
        ),
        frozenset({"partner"}),
        OWN,
    ),
    "Partnership.revise": Case(
        lambda w, actor, new: w.here.ask.partnership.revise(
            actor, w.referral.id, profile("Jo Other"), "worse"
        )
    ),
    "Partnership.submit": Case(
        lambda w, actor, new: w.here.ask.partnership.submit(actor, w.referral.id)
    ),
    "Partnership.withdraw": Case(
        lambda w, actor, new: w.here.ask.partnership.withdraw(actor, w.referral.id, "moved")
    ),
    "Partnership.referrals": Case(
        lambda w, actor, new: w.here.ask.partnership.referrals(actor),
        frozenset({"partner"}),
        OWN,
    ),
    "FollowUp.let": Case(
        lambda w, actor, new: w.here.ask.follow_up.let(
            actor,
            w.id,
            w.referral.partner_id,
            days=1,
            scope=frozenset(FollowScope),
        )
    ),
    "FollowUp.end": Case(
        lambda w, actor, new: w.here.ask.follow_up.end(actor, w.id, w.referral.partner_id)
    ),
    "FollowUp.followed": Case(
        lambda w, actor, new: w.here.ask.follow_up.followed(actor), frozenset({"partner"}), OWN
    ),
    "Messaging.close": Case(
        lambda w, actor, new: w.here.ask.messaging.close(actor, w.id, Channel.CARE, "moved")
    ),
    "Messaging.reopen": Case(
        lambda w, actor, new: w.here.ask.messaging.reopen(actor, w.id, Channel.CARE, "back")
    ),
    "Messaging.dismiss_strangers": Case(
        lambda w, actor, new: w.here.ask.messaging.dismiss_strangers(
            actor, w.told(PartnerUntied, w.id, w.referral.partner_id)
        )
    ),
    "Messaging.call_for_help": Case(
        lambda w, actor, new: w.here.ask.messaging.call_for_help(
            actor, w.told(AlarmingAnswer, w.questionnaire.id)
        )
    ),
    "Messaging.post": Case(
        lambda w, actor, new: w.here.ask.messaging.post(
            actor, MessageId(new), w.id, Channel.CARE, "let me in"
        )
    ),
    "Messaging.read": Case(
        lambda w, actor, new: w.here.ask.messaging.read(actor, w.id, Channel.CARE)
    ),
    "Messaging.listen": Case(
        lambda w, actor, new: w.here.ask.messaging.listen(actor, w.id, Channel.PARTNER)
    ),
    "Messaging.fan_out": Case(
        lambda w, actor, new: w.here.ask.messaging.fan_out(
            actor, w.told(MessagePosted, new, ConversationId(new))
        )
    ),
    "Messaging.notify": Case(
        lambda w, actor, new: w.here.ask.messaging.notify(
            actor, w.told(IdentityApproved, IdentityCheck.id_of(w.id))
        )
    ),
    "Messaging.alert": Case(
        lambda w, actor, new: w.here.ask.messaging.alert(
            actor, w.told(EmergencyAccessOpened, w.glass.id)
        )
    ),
    "Messaging.invite": Case(
        lambda w, actor, new: w.here.ask.messaging.invite(
            actor, w.told(ReferralAccepted, w.invited.id)
        )
    ),
}
