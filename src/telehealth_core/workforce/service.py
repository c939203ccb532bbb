"""The service: one kind of visit that a provider gives, with its length and price (F11)."""

import attrs

from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line


@attrs.frozen(kw_only=True)
class Service:
    """One kind of visit the provider gives, with its length and price."""

    code: str = attrs.field(validator=line(40))
    name: str = attrs.field(validator=line(120))
    minutes: int = attrs.field()
    price: Money = attrs.field()

    @price.validator
    def _price(self, _: object, value: Money) -> None:
        if value.minor < 0:
            raise Invalid("price", "nothing or more")

    @minutes.validator
    def _minutes(self, _: object, value: int) -> None:
        if not 5 <= value <= 480:
            raise Invalid("minutes", "between 5 and 480")
