"""What detection returns: a span of text, the kind of data in it, how sure, and why."""

from __future__ import annotations

from dataclasses import dataclass

PHONE = "PHONE"
ID_CARD = "ID_CARD"
BANK_CARD = "BANK_CARD"
CVV = "CVV"
PASSCODE = "PASSCODE"
EMAIL = "EMAIL"
PLATE = "PLATE"
ORDER = "ORDER"
ACCOUNT = "ACCOUNT"
BIRTH_DATE = "BIRTH_DATE"
ADDRESS = "ADDRESS"
PERSON = "PERSON"
PASSPORT = "PASSPORT"
US_SSN = "US_SSN"
ZIP = "ZIP"
IBAN = "IBAN"
DRIVER_LICENSE = "DRIVER_LICENSE"
IP_ADDRESS = "IP_ADDRESS"
NUMBER = "NUMBER"
LAST_DIGITS = "LAST_DIGITS"
"""The end of an identity card's or social security number: what people are verified by, yet no
whole number, so that asking for it or reading it back is judged as that."""

TYPES = (
    *(PHONE, ID_CARD, BANK_CARD, CVV, PASSCODE, EMAIL, PLATE, ORDER, ACCOUNT, BIRTH_DATE),
    *(ADDRESS, PERSON, PASSPORT, US_SSN, ZIP, IBAN, DRIVER_LICENSE, IP_ADDRESS, NUMBER),
    LAST_DIGITS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One piece of personal data in a text.

    Attributes:
        type: One of `TYPES`.
        start: Offset of its first character.
        end: Offset after its last character (half-open).
        score: Confidence 0–1; from 0.5 it is redacted.
        reason: Which rule, which check and which context led here, in short English.
    """

    type: str
    start: int
    end: int
    score: float
    reason: str
