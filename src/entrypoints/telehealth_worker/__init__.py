"""The worker: hands what happened to a queue, runs what follows, and what falls due.

procrastinate keeps the queue: its order, its retries, the clock of its timers, and which worker is
alive. What a job does stands in `reacting` and `ringing`; `sealing` seals the audit.
"""

from telehealth_worker.reacting import Outbox, Reacting
from telehealth_worker.ringing import Ringing
from telehealth_worker.sealing import Sealing
from telehealth_worker.worker import Pace, Worker

__all__ = ["Outbox", "Pace", "Reacting", "Ringing", "Sealing", "Worker"]
