"""One recogniser per file: patterns, the words around them, a check; each yields `Found`.

To add one: write a module with `recognise(view)`, name it here, add its table of cases to
`tests/qa/privacy/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qa.privacy.found import Found
from qa.privacy.recognisers import (
    address_block,
    address_en,
    address_zh,
    bank_card,
    birth_date,
    email,
    iban,
    id_card,
    ip_address,
    number,
    passport,
    person_en,
    person_zh,
    phone,
    plate,
    reference,
    secret,
    us_ssn,
)
from qa.privacy.view import View

Recogniser = Callable[[View], Iterator[Found]]

RECOGNISERS: tuple[Recogniser, ...] = tuple(
    module.recognise
    for module in (
        *(phone, id_card, bank_card, secret, email, plate, reference, passport, us_ssn, iban),
        *(
            ip_address,
            birth_date,
            address_zh,
            address_en,
            address_block,
            person_zh,
            person_en,
            number,
        ),
    )
)
