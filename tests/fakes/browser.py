"""Debian's chromium, driven by playwright: what a page says, asks the network for, and complains of."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Browser:
    """A browser with one page; `requests` are all addresses that pages asked for, `complaints` what the console got."""

    page: Page
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])


def chromium() -> Path:
    """Where chromium is; skip the test where it is not installed."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    return Path(found)


@contextmanager
def browser(**options: Any) -> Generator[Browser]:
    """A fresh browser until the block ends; `options` are those of playwright's launch_persistent_context."""
    executable = chromium()
    with TemporaryDirectory(prefix="skillkernel-browser-") as data, sync_playwright() as playwright:
        context: BrowserContext = playwright.chromium.launch_persistent_context(
            data, executable_path=executable, args=list(_ARGUMENTS), **options
        )
        try:
            opened = Browser(context.pages[0] if context.pages else context.new_page())
            context.on("request", lambda request: opened.requests.append(request.url))
            opened.page.on("console", lambda message: opened.complaints.append(f"{message.type}: {message.text}"))
            opened.page.on("pageerror", lambda error: opened.complaints.append(f"error: {error}"))
            yield opened
        finally:
            context.close()
