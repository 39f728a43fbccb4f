"""A person with a browser that runs no scripts: opens a page, fills in its form, presses a button."""

import re
import stat
import sys
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from support.tenant import expect
from support.wire import Answer, Wire

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Page(HTMLParser):
    """A page with its one form: where it goes, and the fields that it sends."""

    answer: Answer
    address: str
    action: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self):
        HTMLParser.__init__(self)
        self.feed(self.answer.body.decode())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.action = attributes.get("action") or self.address
        if tag == "input" and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value") or ""

    def handle_data(self, data):
        self.text += data


class Person:
    """Somebody with a sign-in name and a password."""

    def __init__(self, wire: Wire, name: str, password: str):
        self.wire, self.name, self.password = wire, name, password

    def open(self, url: str) -> Page:
        """A page of the server, by its path or its whole address."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return Page(self.wire.send("GET", path), path)

    def press(self, page: Page, **filled: str) -> Page:
        """Sends a page's form with some fields filled in."""
        answer = self.wire.send("POST", page.action, FORM, urlencode(page.fields | filled).encode())
        return Page(answer, page.action)

    def sign_in(self, page: Page) -> Page:
        """Fills in name and password."""
        assert {"username", "password"} <= page.fields.keys(), page.text
        return self.press(page, username=self.name, password=self.password, action="sign-in")

    def enter_code(self, code: str) -> Page:
        """Enters the code of a device, then name and password."""
        return self.sign_in(self.press(self.open("/devicecode"), user_code=code))

    def hand_over(self, page: Page) -> int:
        """Presses the last page's button, which brings the code to a program of this machine."""
        parts = urlsplit(page.action)
        assert (parts.scheme, parts.hostname) == ("http", "localhost"), page.action
        connection = HTTPConnection(parts.hostname, parts.port, timeout=30)
        connection.request("POST", parts.path or "/", urlencode(page.fields).encode(), FORM)
        return connection.getresponse().status


def code_of(message: str) -> str:
    """The code that a device shows."""
    return re.search(r"enter the code (\S+) to authenticate", message).group(1)


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(url).query))


def recording_browser(folder: Path) -> tuple[Path, Path]:
    """A program for $BROWSER that writes the address it is given into a file; the program and the file."""
    script, address = folder / "browser", folder / "address"
    script.write_text(f"#!{sys.executable}\nimport os, sys\n"
                      f"open({str(address) + '.new'!r}, 'w').write(sys.argv[1])\n"
                      f"os.rename({str(address) + '.new'!r}, {str(address)!r})\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script, address


def fresh_person(tenant) -> "Person":
    """Somebody new with a password; `object_id` is their id."""
    name, password = f"story{uuid.uuid4().hex[:8]}@contoso.com", f"a {uuid.uuid4()} b"
    made = expect(201, tenant.graph("POST", "/users", {
        "accountEnabled": True, "displayName": "Story Person", "mailNickname": "story", "userPrincipalName": name,
        "passwordProfile": {"password": password, "forceChangePasswordNextSignIn": False}}))
    somebody = Person(tenant.wire, name, password)
    somebody.object_id = made["id"]
    return somebody
