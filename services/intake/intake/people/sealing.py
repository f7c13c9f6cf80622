"""Personal identifiers in the rows of persons: sealed, opened, found again."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from common.errors import Conflict, DomainError, constraint_error
from common.log import log
from common.sealed import KeyRing, SealBroken
from intake.people.identifiers import masked
from intake.people.models import Person

RESIDENT_ID: Final = "resident_id"
PHONE: Final = "phone"


class KeysMissing(DomainError):
    """This installation has no keys for personal identifiers; nothing is stored without."""

    status, code = 503, "intake.personal_keys_missing"
    title_zh, title_en = (
        "未配置个人信息密钥，不能保存或查看",
        "Personal identifiers need keys, and none are set",
    )


class ResidentIdTaken(Conflict):
    code = "intake.resident_id_taken"
    title_zh, title_en = "本市已有此身份证号的人员", "The city has a person with this resident id"


class IdentifierUnreadable(DomainError):
    """No key of the ring opens it: a key was taken away too early, or the row was tampered with."""

    status, code = 503, "intake.identifier_unreadable"
    title_zh, title_en = "个人信息无法解密", "A personal identifier cannot be opened"


constraint_error("uq_people_city_resident_id_index", ResidentIdTaken)


class Identifiers:
    """Seals and opens identifiers of persons.

    Args:
        keys: of the ring; None where none are set: what is asked then raises KeysMissing.
    """

    def __init__(self, keys: Sequence[SecretStr] | None) -> None:
        self._ring = KeyRing([key.get_secret_value() for key in keys]) if keys else None

    @property
    def ring(self) -> KeyRing:
        """
        Raises:
            KeysMissing
        """
        if self._ring is None:
            raise KeysMissing
        return self._ring

    def put_resident_id(self, person: Person, value: str | None) -> None:
        """Seal a checked resident id into the row, with its index; None takes it away."""
        person.resident_id_sealed = self.ring.seal(value, _place(person.id, RESIDENT_ID)) if value else None
        person.resident_id_index = self.ring.index(value, _scope(person.city)) if value else None

    def put_phone(self, person: Person, value: str | None) -> None:
        """Seal a checked phone number into the row; None takes it away."""
        person.phone_sealed = self.ring.seal(value, _place(person.id, PHONE)) if value else None

    def resident_id(self, person: Person) -> str | None:
        """The whole resident id of a row."""
        sealed = person.resident_id_sealed
        return None if sealed is None else self._open(sealed, _place(person.id, RESIDENT_ID))

    def phone(self, person: Person) -> str | None:
        """The whole phone number of a row."""
        sealed = person.phone_sealed
        return None if sealed is None else self._open(sealed, _place(person.id, PHONE))

    def _open(self, sealed: bytes, place: str) -> str:
        try:
            return self.ring.open(sealed, place)
        except SealBroken as error:
            raise IdentifierUnreadable from error

    def shown(self, person: Person) -> tuple[str | None, str | None]:
        """Resident id and phone, masked. What cannot be opened is None, and an error in the log, so that
        one row does not take a list with it."""
        try:
            found = (self.resident_id(person), self.phone(person))
        except (KeysMissing, IdentifierUnreadable) as error:
            log.error("person.identifier_unreadable", person_id=str(person.id), code=error.code)
            return None, None
        resident_id, phone = found
        return masked(resident_id) if resident_id else None, masked(phone) if phone else None

    def indexes(self, resident_id: str, city: str) -> list[bytes]:
        """What a row of the city with this resident id carries; bound to the city, so that two cities cannot
        compare."""
        return self.ring.indexes(resident_id, _scope(city))

    def reseal(self, person: Person) -> None:
        """Seal a row's identifiers with the first key."""
        resident_id, phone = self.resident_id(person), self.phone(person)
        self.put_resident_id(person, resident_id)
        self.put_phone(person, phone)


def _place(person_id: UUID, column: str) -> str:
    return f"people.{column}:{person_id}"


def _scope(city: str) -> str:
    return f"people.{RESIDENT_ID}:{city}"
