"""The worker: takes what happened from the outbox and runs the reactions, at least once each."""

from telehealth_worker.sealing import Sealing
from telehealth_worker.worker import Outbox, Taken, Worker

__all__ = ["Outbox", "Sealing", "Taken", "Worker"]
