"""Treatment: PHP and IOP programs under a provider, from start to discharge, with their progress as
a share of time.
"""

from telehealth_core.treatment.program import ProgramKind, ProgramStatus, TreatmentProgram

__all__ = ["ProgramKind", "ProgramStatus", "TreatmentProgram"]
