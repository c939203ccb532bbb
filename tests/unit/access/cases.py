"""Every use case, called as somebody who would change or see something of the practice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, FollowScope, GuardianBasis, Role
from telehealth_core.access.emergency import EmergencyAccessOpened, EmergencyReason, Verdict
from telehealth_core.billing.charge import Charge, ChargeFailed, ChargePaid, ChargeReleased
from telehealth_core.messaging.conversation import Channel, MessagePosted
from telehealth_core.partnership.referral import ReferralAccepted
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import IdentityApproved, IdentityCheck
from telehealth_core.registration.patient import Identifier, PartnerUntied
from telehealth_core.scheduling.appointment import (
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentRequested,
    CancellationReason,
)
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import (
    CardId,
    ConversationId,
    DocumentId,
    EmergencyAccessId,
    LetterId,
    MedicationId,
    MessageId,
    PartnerId,
    PatientId,
    PrescriptionId,
    ProgramId,
    QuestionnaireId,
    ReferralId,
    RoleGrantId,
    SessionId,
    UserId,
)
from telehealth_core.treatment.program import ProgramKind
from telehealth_core.treatment.questionnaire import AlarmingAnswer
from unit.access.world import DAY, ITEM, MORNINGS, PAGE, SECRET, World
from unit.clinic import PASSWORD, PHOTO, child, profile, provider_of

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
    "Registration.supply_identity": Case(
        lambda w, actor, new: w.here.ask.registration.supply_identity(
            actor, w.id, DocumentKind.SELFIE, DocumentId(new), PHOTO
        )
    ),
    "Registration.submit_identity": Case(
        lambda w, actor, new: w.here.ask.registration.submit_identity(actor, w.id)
    ),
    "Registration.view_identity": Case(
        lambda w, actor, new: w.here.ask.registration.view_identity(actor, w.id)
    ),
    "Registration.identity_image": Case(
        lambda w, actor, new: w.here.ask.registration.identity_image(
            actor, w.id, w.picture.document_id
        )
    ),
    "Registration.review_queue": Case(
        lambda w, actor, new: w.here.ask.registration.review_queue(actor)
    ),
    "Registration.ask_for_more": Case(
        lambda w, actor, new: w.here.ask.registration.ask_for_more(actor, w.id, "more")
    ),
    "Registration.approve_identity": Case(
        lambda w, actor, new: w.here.ask.registration.approve_identity(actor, w.id, "same")
    ),
    "Registration.reject_identity": Case(
        lambda w, actor, new: w.here.ask.registration.reject_identity(actor, w.id, "other")
    ),
    "Registration.add_dependant": Case(
        lambda w, actor, new: w.here.ask.registration.add_dependant(
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
    "Registration.dependants": Case(
        lambda w, actor, new: w.here.ask.registration.dependants(actor), PATIENTS, OWN
    ),
    "Registration.page": Case(lambda w, actor, new: w.here.ask.registration.page(actor)),
    "Registration.enrol": Case(
        lambda w, actor, new: w.here.ask.registration.enrol(
            actor, Identifier(system="ehr", value=str(new)), profile(), ()
        )
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
    "Billing.collect": Case(
        lambda w, actor, new: w.here.ask.billing.collect(
            actor, w.told(ChargeReleased, Charge.id_of(w.appointment.id))
        )
    ),
    "Billing.release": Case(
        lambda w, actor, new: w.here.ask.billing.release(
            actor, w.told(AppointmentFulfilled, w.appointment.id)
        )
    ),
    "Billing.undo": Case(
        lambda w, actor, new: w.here.ask.billing.undo(
            actor,
            w.told(AppointmentCancelled, w.appointment.id, CancellationReason.PATIENT),
        )
    ),
    "Billing.report": Case(lambda w, actor, new: w.here.ask.billing.report(actor, DAY)),
    "Scheduling.add_series": Case(
        lambda w, actor, new: w.here.ask.scheduling.add_series(
            actor,
            SessionId(new),
            provider_id=provider_of(w.provider),
            recurrence=MORNINGS,
            service="visit",
            modes=frozenset(Mode),
            start_every_minutes=30,
        )
    ),
    "Scheduling.add_session": Case(
        lambda w, actor, new: w.here.ask.scheduling.add_session(
            actor,
            SessionId(new),
            provider_id=provider_of(w.provider),
            during=DAY,
            service="visit",
            modes=frozenset(Mode),
            start_every_minutes=30,
        )
    ),
    "Scheduling.open_times": Case(
        lambda w, actor, new: w.here.ask.scheduling.open_times(actor, provider_of(w.provider), DAY),
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
    "Scheduling.decide_requested": Case(
        lambda w, actor, new: w.here.ask.scheduling.decide_requested(
            actor, w.told(AppointmentRequested, w.pending.id)
        )
    ),
    "Scheduling.decide_paid": Case(
        lambda w, actor, new: w.here.ask.scheduling.decide_paid(
            actor, w.told(ChargePaid, Charge.id_of(w.pending.id))
        )
    ),
    "Scheduling.give_up_unpaid": Case(
        lambda w, actor, new: w.here.ask.scheduling.give_up_unpaid(
            actor, w.told(ChargeFailed, Charge.id_of(w.pending.id))
        )
    ),
    "Scheduling.checks": Case(
        lambda w, actor, new: w.here.ask.scheduling.checks(actor, w.pending.id)
    ),
    "Scheduling.approve": Case(
        lambda w, actor, new: w.here.ask.scheduling.approve(actor, w.pending.id)
    ),
    "Scheduling.decline": Case(
        lambda w, actor, new: w.here.ask.scheduling.decline(actor, w.pending.id)
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
    "Scheduling.calendar": Case(lambda w, actor, new: w.here.ask.scheduling.calendar(actor, w.id)),
    "Scheduling.schedule": Case(
        lambda w, actor, new: w.here.ask.scheduling.schedule(actor, provider_of(w.provider), DAY)
    ),
    "Scheduling.dashboard": Case(lambda w, actor, new: w.here.ask.scheduling.dashboard(actor, DAY)),
    "ConsultationRoom.join": Case(
        lambda w, actor, new: w.here.ask.consultation.join(actor, w.appointment.id, "GB")
    ),
    "ConsultationRoom.view": Case(
        lambda w, actor, new: w.here.ask.consultation.view(actor, w.appointment.id)
    ),
    "ConsultationRoom.complete": Case(
        lambda w, actor, new: w.here.ask.consultation.complete(actor, w.appointment.id)
    ),
    "Prescribing.draft": Case(
        lambda w, actor, new: w.here.ask.prescribing.draft(
            actor, PrescriptionId(new), w.appointment.id, (ITEM,)
        )
    ),
    "Prescribing.sign": Case(
        lambda w, actor, new: w.here.ask.prescribing.sign(actor, w.prescription.id)
    ),
    "Prescribing.of_patient": Case(
        lambda w, actor, new: w.here.ask.prescribing.of_patient(actor, w.id)
    ),
    "Correspondence.issue": Case(
        lambda w, actor, new: w.here.ask.letters.issue(
            actor, LetterId(new), w.appointment.id, **PAGE
        )
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
