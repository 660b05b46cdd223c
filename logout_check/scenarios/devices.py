"""A list of devices."""

import re
from typing import Any

from ..browser import Browser
from ..forms import Page
from ..play import Play
from .registry import scenario


@scenario(
    23,
    "A list of devices, and each of them can be logged out",
    needs=("devices", "end_device"),
    changes=("ends one of Alice's sessions",),
    suffers="A user who sees a foreign device can only log out every device, or none.",
    mend="Keep a row for each session, show the user's own, and delete the one that is chosen.",
    asvs=("7.5.2",),
    wstg=("WSTG-SESS-11",),
)
def one_device(play: Play):
    """Alice is in on her laptop, and lists her devices; she signs in on her phone, and lists them
    again: one is new. She ends it. The phone must be out, the laptop in."""
    laptop = play.signed_in("Alice's laptop")
    before = device_ids(play, laptop)
    phone = play.signed_in("Alice's phone")
    new = device_ids(play, laptop) - before
    if len(new) != 1:
        play.untold(f"The phone's login has brought {len(new)} new entries to the list, not one.")
    play.note_who_is_in()
    play.do("end_device", laptop, id=new.pop())
    play.must_be_out(phone, after="Alice ended it from her laptop")
    play.must_be_in(laptop, after="Alice ended her phone's session")


def device_ids(play: Play, browser: Browser) -> set[str]:
    """The ids in the list: in JSON the values of devices.id (or "id"); on a page the values of
    form fields of that name, and what is in place of {id} in addresses like end_device's."""
    answer, key = play.do("devices", browser), play.app.get("devices.id", "id")
    if answer.json is not None:
        return set(values_of(key, answer.json))
    page = Page(answer.text, answer.path)
    fields = {field.value for form in page.forms for field in form.fields if field.name == key}
    before, found, behind = play.app.actions["end_device"].url.partition("{id}")
    if found:
        like = re.compile(re.escape(before) + r"([^/?&#]+)" + re.escape(behind) + "$")
        fields |= {match[1] for address in page.addresses if (match := like.search(address))}
    return fields


def values_of(key: str, found: Any) -> list[str]:
    if isinstance(found, list):
        return [value for below in found for value in values_of(key, below)]
    if not isinstance(found, dict):
        return []
    own = [str(found[key])] if isinstance(found.get(key), str | int) else []
    return own + [value for below in found.values() for value in values_of(key, below)]
