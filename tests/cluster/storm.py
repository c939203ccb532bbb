"""A storm of bookings over HTTP, as patients make them who try again when told to."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from uuid import UUID, uuid4

import attrs
import httpx

from plan import LOCATION, Plan, Wish, token_of

CLIENTS = 6


def bearer(wish: Wish) -> dict[str, str]:
    """How the patient of a wish is known."""
    return {"Authorization": f"Bearer {token_of(wish.patient.as_patient())}"}


@attrs.define
class Storm:
    """What was asked and answered."""

    url: str
    plan: Plan
    answered: dict[str, UUID] = attrs.field(factory=dict)
    """The appointment that was answered, by the key it was asked under."""
    at: list[float] = attrs.field(factory=list)
    """When each booking was answered."""
    statuses: Counter[int] = attrs.field(factory=Counter)
    wrong: list[str] = attrs.field(factory=list)
    """Answers that nobody should get."""
    stop: threading.Event = attrs.field(factory=threading.Event)

    @contextmanager
    def raging(self) -> Iterator["Storm"]:
        """Every client at work, until it is left; what each began is ended."""
        threads = [threading.Thread(target=self._client, args=(one,)) for one in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def book(self, client: httpx.Client, wish: Wish) -> None:
        """Ask for one visit under one key until it is decided or the storm is over."""
        key = str(uuid4())
        while True:
            answer = client.post(
                "/v1/appointments",
                headers={**bearer(wish), "Idempotency-Key": key},
                json={
                    "patient_id": str(wish.patient.as_patient()),
                    "session_id": str(wish.session_id),
                    "start": wish.start.isoformat(),
                    "mode": "video",
                    "location": LOCATION,
                },
            )
            self._note(key, answer)
            if answer.status_code != 503 or self.stop.is_set():
                return
            sleep(0.2)

    def _note(self, key: str, answer: httpx.Response) -> None:
        self.statuses[answer.status_code] += 1
        if answer.status_code == 201:
            self.answered[key] = UUID(answer.json()["id"])
            self.at.append(monotonic())
        elif answer.status_code == 503 and "retry-after" in answer.headers:
            assert answer.headers["retry-after"].isdecimal()
        elif answer.status_code != 409:
            self.wrong.append(f"{answer.status_code} {answer.text[:300]}")

    def _client(self, number: int) -> None:
        wishes = self.plan.wishes(number, CLIENTS)
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
            while not self.stop.is_set():
                try:
                    self.book(client, next(wishes))
                except httpx.HTTPError as error:
                    self.wrong.append(type(error).__name__)
