"""FHIR R4: translates Bundles of other systems to the core's words, and says what it left out."""

from telehealth_fhir.bundle import BundleContents, read_bundle
from telehealth_fhir.element import BrokenBundle
from telehealth_fhir.patient import ReadPatient

__all__ = ["BrokenBundle", "BundleContents", "ReadPatient", "read_bundle"]
