"""Professions: what a clinician is by training. What each may do is the jurisdiction's to say."""

from enum import StrEnum


class Profession(StrEnum):
    """What a provider is by training."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    PHYSICIAN_ASSOCIATE = "physician-associate"
    PHYSIOTHERAPIST = "physiotherapist"
    OCCUPATIONAL_THERAPIST = "occupational-therapist"
    PSYCHIATRIST = "psychiatrist"
    PSYCHOLOGIST = "psychologist"
    THERAPIST = "therapist"
