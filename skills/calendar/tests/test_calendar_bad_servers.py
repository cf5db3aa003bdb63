"""Servers that are offline, broken or hostile: each is named, nothing hangs, and the password goes nowhere else."""

import base64
import errno
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import skill_calendar
from fakes.dav_servers import CALENDAR, Behaviour, DavServer, make_certificate, multistatus, response, send
from skill_calendar import exchange
from skill_calendar.exchange import Exchange
from skill_calendar.server import Server
from skill_calendar.trouble import unreachable
from skillkernel import Context, ToolError
from skillkernel.sdk.invoke import call_tool
from skillkernel.sdk.tool import spec_of

XML = "application/xml"
GOOD = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\n"
    "DTSTART:20261125T090000Z\nSUMMARY:{uid}\n{more}END:VEVENT\nEND:VCALENDAR\n"
)


def ask(server: str, folder: Path, tool: str = "list_events", **arguments: Any) -> Any:
    context = Context.for_tests(
        folder,
        settings={"server": server, "user": "sam"},
        secrets={"password": "s3cret-Passw0rd"},
        now=datetime(2026, 11, 24, 10, 7),
        time_zone="Europe/Berlin",
    )
    return call_tool(getattr(skill_calendar, tool), arguments, context)


def entry(href: str, content: str, etag: str = '"1"') -> str:
    return response(href, f"<D:getetag>{etag}</D:getetag><C:calendar-data>{content}</C:calendar-data>")


def calendar_with(*entries: str, write: int = 204, body: bytes = b"", **headers: str) -> Behaviour:
    """A calendar of these entries; every write is answered with a status."""

    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        if handler.command == "PROPFIND":
            send(handler, 207, multistatus(response(handler.path, CALENDAR)), content_type=XML)
        elif handler.command == "REPORT":
            send(handler, 207, multistatus(*entries), content_type=XML)
        else:
            send(handler, write, body, **headers)

    return behave


def always(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    return lambda handler, _: send(handler, status, body, **headers)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def test_a_server_that_is_not_running_is_named(closed_port: int, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=rf"127\.0\.0\.1:{closed_port} cannot be reached: Connection refused"):
        ask(f"http://127.0.0.1:{closed_port}/", tmp_path)


def test_a_name_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"there is no network, or no server nowhere\.invalid"):
        ask("https://nowhere.invalid/", tmp_path)


def test_what_the_kernel_refuses_is_said_in_its_words() -> None:
    refusal = PermissionError(errno.EACCES, "calendar was not granted network dav.example.org:443")
    error = unreachable(Server("dav.example.org", 443, "/", True), refusal, uncertain=False)
    assert str(error) == f"no connection to dav.example.org is allowed: {refusal.strerror}"
    assert "skill grant calendar" in error.hint


def test_https_to_a_port_that_speaks_http_is_named(tmp_path: Path) -> None:
    with DavServer(always(200)) as server, pytest.raises(ToolError, match="no secure connection to"):
        ask(f"https://127.0.0.1:{server.port}/", tmp_path)


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (500, r"has a fault of its own \(500\)"),
        (503, r"is too busy \(503\)"),
        (404, r"has nothing at the address"),
        (405, r"refuses \(405\)"),
        (403, r"does not let sam"),
    ],
)
def test_a_status_is_said_in_words(tmp_path: Path, status: int, problem: str) -> None:
    with DavServer(always(status)) as server, pytest.raises(ToolError, match=problem):
        ask(f"{server.origin}/calendar/", tmp_path)


def test_a_page_for_people_is_named(tmp_path: Path) -> None:
    page = always(200, b"<html>Welcome</html>", content_type="text/html; charset=utf-8")
    with (
        DavServer(page) as server,
        pytest.raises(ToolError, match="not answer like a CalDAV server: it gives 'text/html'"),
    ):
        ask(server.origin, tmp_path)


def test_only_digest_is_named(tmp_path: Path) -> None:
    digest = always(401, www_authenticate='Digest realm="x", nonce="y"')
    with DavServer(digest) as server, pytest.raises(ToolError, match="takes no password by HTTP Basic"):
        ask(server.origin, tmp_path)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 50}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><D:multistatus xmlns:D="DAV:">&i;</D:multistatus>'
)
OUTSIDE = '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><D:multistatus xmlns:D="DAV:">&a;</D:multistatus>'


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (BOMB, "a document type, which is not allowed"),
        (OUTSIDE, "a document type, which is not allowed"),
        ('<!DOCTYPE b SYSTEM "http://127.0.0.1:1/b.dtd"><b/>', "a document type"),
        ("<a>" * 50_000, "nested deeper than 32"),
        ("<a>" + "<b/>" * 400_000 + "</a>", "more than 300000 elements"),
        ("<html/>", "XML of another kind"),
        ("{}", r"no XML \(line 1\)"),
        ("", r"no XML"),
        ("<a>&undefined;</a>", "no XML"),
        ('<?xml version="1.0" encoding="x-none"?><a/>', "unknown encoding|no XML"),
        ("<D:multistatus xmlns:D='DAV:'>", "no XML"),
    ],
    ids=["bomb", "outside", "remote", "deep", "wide", "html", "json", "empty", "undefined", "encoding", "cut"],
)
def test_hostile_xml_is_refused(tmp_path: Path, body: str, problem: str) -> None:
    with (
        DavServer(always(207, body.encode(), content_type=XML)) as server,
        pytest.raises(ToolError, match=f"does not answer like a CalDAV server: .*({problem})"),
    ):
        ask(server.origin, tmp_path)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_is_refused_and_the_password_stays(tmp_path: Path, status: int) -> None:
    with DavServer(always(207)) as other, DavServer(always(status, location=f"{other.origin}/trap/")) as server:
        with pytest.raises(ToolError, match=rf"points to another server, '{other.origin}/trap/'; nothing was sent"):
            ask(server.origin, tmp_path)
        assert other.requests == []


@pytest.mark.parametrize(
    "href",
    [
        "http://elsewhere.example/trap/",
        "//elsewhere.example/trap/",
        "https://127.0.0.1/trap/",
        "http://127.0.0.1:1/trap/",
        "http://sam@127.0.0.1/trap/",
        "http://[::1/trap/",
    ],
)
def test_an_answer_cannot_lead_to_another_server(tmp_path: Path, href: str) -> None:
    found = multistatus(response("/", f"<D:current-user-principal><D:href>{href}</D:href></D:current-user-principal>"))
    with DavServer(always(207, found, content_type=XML)) as server:
        with pytest.raises(ToolError, match="points to another server"):
            ask(server.origin, tmp_path)
        assert {path for _, path in server.requests} <= {"/"}


def test_an_entry_on_another_server_is_refused(tmp_path: Path) -> None:
    behave = calendar_with(entry("http://elsewhere.example/x.ics", GOOD.format(uid="a", more="")))
    with DavServer(behave) as server, pytest.raises(ToolError, match="points to another server"):
        ask(server.origin + "/c/", tmp_path)


def test_a_redirect_that_stays_is_followed_and_a_circle_ends(tmp_path: Path) -> None:
    good = calendar_with(entry("/new/x.ics", GOOD.format(uid="a", more="")))

    def moved(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.path == "/old/":
            send(handler, 301, location="/new/")
        else:
            good(handler, body)

    with DavServer(moved) as server:
        assert [event["title"] for event in ask(f"{server.origin}/old/", tmp_path, date="2026-11-25")["events"]] == [
            "a"
        ]
    with DavServer(always(302, location="/")) as server, pytest.raises(ToolError, match="in a circle"):
        ask(server.origin, tmp_path)


def test_an_answer_without_end_is_cut_off(tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(207)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while True:
            handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with DavServer(endless) as server, pytest.raises(ToolError, match="more than 8 MB, so it was not read"):
        ask(server.origin, tmp_path)


def test_an_answer_that_breaks_off_is_named(tmp_path: Path) -> None:
    def cut(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(207)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"<x/>")
        handler.close_connection = True

    with DavServer(cut) as server, pytest.raises(ToolError, match="gives no complete HTTP answer"):
        ask(server.origin, tmp_path)


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9\r\n", b"", b"HTTP/1.1 banana\r\n\r\n", b"\xff" * 100_000])
def test_what_is_no_web_server_is_named(tmp_path: Path, said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(ToolError, match=r"no complete HTTP answer|broke the connection off"):
            ask(f"http://127.0.0.1:{listener.getsockname()[1]}/", tmp_path)
        thread.join()


@pytest.mark.parametrize("kind", ["silent", "body", "headers"])
def test_a_server_that_takes_its_time_is_given_up(kind: str) -> None:
    start = b"HTTP/1.1 207 Multi-Status\r\n"
    first, then = {
        "silent": (b"", b""),
        "headers": (start + b"X: ", b"x"),
        "body": (start + b"Content-Length: 1000000\r\n\r\n", b"x"),
    }[kind]

    def slow(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.wfile.write(first)
        while not server.closing.wait(0.01):
            handler.wfile.write(then)

    with DavServer(slow) as server:
        conversation = Exchange(Server("127.0.0.1", server.port, "/", False), seconds=0.3)
        with pytest.raises(ToolError, match="was too slow to answer"):
            conversation.request("PROPFIND", "/")
        conversation.close()


def test_a_broken_entry_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    entries = [
        entry("/c/good.ics", GOOD.format(uid="good", more="")),
        entry("/c/bad.ics", GOOD.format(uid="bad", more="").replace("20261125T090000Z", "tomorrow")),
        entry("/c/cut.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"),
    ]
    with DavServer(calendar_with(*entries)) as server:
        answer = ask(f"{server.origin}/c/", tmp_path, date="2026-11-25")
        assert [event["title"] for event in answer["events"]] == ["good"]
        assert answer["unread"] == [
            "/c/bad.ics, line 7: DTSTART has the value 'tomorrow', which is not a time or a rule",
            "/c/cut.ics, line 2: BEGIN:VEVENT is never ended; the file seems to be cut off",
        ]
        assert len(ask(f"{server.origin}/c/", tmp_path, "find_free_time", date="2026-11-25")["unread"]) == 2
        made = ask(f"{server.origin}/c/", tmp_path, "create_event", title="x", start="2026-11-25T10:30")
        assert len(made["unread"]) == 2


def test_a_part_of_the_events_is_not_taken_for_all(tmp_path: Path) -> None:
    part = "<D:response><D:href>/c/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>"
    behave = calendar_with(entry("/c/good.ics", GOOD.format(uid="good", more="")), part)
    with DavServer(behave) as server, pytest.raises(ToolError, match="gives only some of so many events"):
        ask(f"{server.origin}/c/", tmp_path)


def test_an_entry_without_a_version_is_not_overwritten(tmp_path: Path) -> None:
    with DavServer(calendar_with(entry("/c/a.ics", GOOD.format(uid="a", more=""), etag=""))) as server:
        with pytest.raises(ToolError, match="does not say which version of 'a' it has"):
            ask(f"{server.origin}/c/", tmp_path, "update_event", event="a", title="b")
        assert "PUT" not in {method for method, _ in server.requests}


def test_a_change_that_would_send_mail_is_refused(tmp_path: Path) -> None:
    more = "ORGANIZER:mailto:sam@example.org\nATTENDEE:mailto:kim@example.org\n"
    behave = calendar_with(
        entry("/c/a.ics", GOOD.format(uid="a", more=more)), write=200, dav="1, calendar-access, calendar-auto-schedule"
    )
    with DavServer(behave) as server:
        with pytest.raises(ToolError, match="would write to the people of 'a', so it was not changed"):
            ask(f"{server.origin}/c/", tmp_path, "delete_event", event="a")
        assert "DELETE" not in {method for method, _ in server.requests}


def test_a_refused_write_names_the_condition(tmp_path: Path) -> None:
    reason = b'<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:no-uid-conflict/></D:error>'
    with (
        DavServer(calendar_with(write=409, body=reason)) as server,
        pytest.raises(ToolError, match=r"does not take 'x': no-uid-conflict \(409\)"),
    ):
        ask(f"{server.origin}/c/", tmp_path, "create_event", title="x", start="2026-11-25T10:30")


def test_a_write_whose_answer_is_lost_is_said_to_be_unknown(tmp_path: Path) -> None:
    good = calendar_with()

    def lose(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.command == "PUT":
            handler.close_connection = True
        else:
            good(handler, body)

    with DavServer(lose) as server:
        with pytest.raises(ToolError, match="whether the change arrived there is not known") as failure:
            ask(f"{server.origin}/c/", tmp_path, "create_event", title="x", start="2026-11-25T10:30")
        assert "list_events" in failure.value.hint


def test_the_password_is_sent_by_basic_and_shown_nowhere(tmp_path: Path) -> None:
    with DavServer(always(401, www_authenticate="Basic")) as server:
        with pytest.raises(ToolError) as refusal:
            ask(server.origin, tmp_path)
        assert server.authorizations[0] == f"Basic {base64.b64encode(b'sam:s3cret-Passw0rd').decode()}"
    assert "s3cret" not in f"{refusal.value} {refusal.value.hint}"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    make_certificate(tmp_path / "key.pem")
    with DavServer(always(200), tmp_path / "key.pem") as server:
        with pytest.raises(
            ToolError, match=rf"certificate of 127\.0\.0\.1:{server.port} is not trusted: self"
        ) as refusal:
            ask(server.origin, tmp_path)
        assert server.requests == []
    assert "SSL_CERT_FILE" in refusal.value.hint


def test_https_works_with_a_certificate_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_certificate(tmp_path / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "key.pem"))
    behave = calendar_with(entry("/c/good.ics", GOOD.format(uid="good", more="")))
    with DavServer(behave, tmp_path / "key.pem") as server:
        assert len(ask(f"{server.origin}/c/", tmp_path, date="2026-11-25")["events"]) == 1


def test_the_longest_exchange_is_shorter_than_a_call() -> None:
    spec = spec_of(skill_calendar.list_events)
    assert spec is not None
    assert spec.timeout > exchange.LONGEST
