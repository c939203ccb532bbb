"""Partnership: organisations that refer their clients and follow them.

A partner's member refers a client. The practice accepts, and the client is sent an invitation,
registers on it with what the partner wrote, and may let the partner follow the treatment for some
time. The partner sees these patients, no others.
"""

from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import InvitationExpired, Referral, ReferralStatus

__all__ = ["InvitationExpired", "Partner", "Referral", "ReferralStatus"]
