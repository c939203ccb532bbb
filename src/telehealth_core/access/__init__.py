"""Access: who somebody is, how they stand to a thing, and what the policy lets them do with it.

A person signs in to an account and acts from then on as an `Actor` of one practice. Every use case
works out the actor's relations to what it touches and lets `authorize` look the action up in
`POLICY`: one table, deny by default. Whatever is read, changed or refused leaves an audit entry.
"""

from telehealth_core.access.account import Account, EmailTaken, SignIn, WrongCredentials
from telehealth_core.access.actor import (
    Actor,
    Following,
    FollowScope,
    GuardianBasis,
    Guardianship,
    GuardianshipDecided,
    GuardianshipDecision,
    Purpose,
    Relation,
    Role,
    StepUpNeeded,
    Ties,
    relations,
)
from telehealth_core.access.policy import (
    POLICY,
    Action,
    NotPermitted,
    NotSignedIn,
    Permit,
    authorize,
    permitted,
)

__all__ = [
    "POLICY",
    "Account",
    "Action",
    "Actor",
    "EmailTaken",
    "FollowScope",
    "Following",
    "GuardianBasis",
    "Guardianship",
    "GuardianshipDecided",
    "GuardianshipDecision",
    "NotPermitted",
    "NotSignedIn",
    "Permit",
    "Purpose",
    "Relation",
    "Role",
    "SignIn",
    "StepUpNeeded",
    "Ties",
    "WrongCredentials",
    "authorize",
    "permitted",
    "relations",
]
