"""What pip and uv read of an index: one project page a skill, as HTML (PEP 503) and as JSON (PEP 691).

A plain file server cannot choose between the two by what a client accepts, so installers find the HTML; the JSON is for
servers that can set content types and for whoever knows where it is. Links are relative: the index may move.
"""

import html
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name

from skillkernel_registry.index_format import Record, Release, Releases
from skillkernel_registry.wheel import DISTRIBUTION_PREFIX

API_VERSION = "1.3"
"""Of the simple repository API: 1.1 is sizes and times (PEP 700), 1.3 provenance (PEP 740)."""
_UP = "../../"


def distribution_of(skill: str) -> str:
    """The normalized name that pip and uv know a skill by: `skill-NAME`."""
    return canonicalize_name(DISTRIBUTION_PREFIX + skill)


def simple_pages(record: Record, form: Releases, *, base: str = "") -> dict[str, bytes]:
    """The project pages of one skill by their path in the index: `simple/skill-NAME/index.html` and `….json`.

    `base` is the https address of the index, where it is known, ending in `/`: PEP 740 asks for provenance by a whole
    address, so without it the pages are silent about provenance.
    """
    folder = f"simple/{distribution_of(record.name)}"
    return {
        f"{folder}/index.html": _project_html(record, form, base).encode(),
        f"{folder}/index.json": _json(_project(record, form, base)),
    }


def simple_list(skills: Iterable[str]) -> dict[str, bytes]:
    """`simple/index.html` and `….json`, the list of all projects: no installer needs it, and a large index has none."""
    names = sorted({distribution_of(skill) for skill in skills})
    links = "".join(f'<a href="{name}/">{name}</a><br>\n' for name in names)
    projects = {"meta": {"api-version": API_VERSION}, "projects": [{"name": name} for name in names]}
    return {"simple/index.html": _page("Skills", links).encode(), "simple/index.json": _json(projects)}


def _project_html(record: Record, form: Releases, base: str) -> str:
    links = "".join(f"{_link(release, form, base)}<br>\n" for release in record.releases)
    return _page(f"Links for {distribution_of(record.name)}", links)


def _page(title: str, links: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="pypi:repository-version" content="{API_VERSION}">\n<title>{title}</title>\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n{links}</body>\n</html>\n"
    )


def _link(release: Release, form: Releases, base: str) -> str:
    attributes = {"href": f"{_address(form.wheels + release.wheel)}#sha256={release.sha256}"}
    if release.requires_python:
        attributes["data-requires-python"] = release.requires_python
    if release.yanked is not False:
        attributes["data-yanked"] = release.yanked if isinstance(release.yanked, str) else ""
    if provenance := _provenance(release, form, base):
        attributes["data-provenance"] = provenance
    written = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a {written}>{html.escape(_file_name(release))}</a>"


def _project(record: Record, form: Releases, base: str) -> dict[str, Any]:
    return {
        "meta": {"api-version": API_VERSION},
        "name": distribution_of(record.name),
        "versions": sorted({release.version for release in record.releases}),
        "files": [_file(release, form, base) for release in record.releases],
    }


def _file(release: Release, form: Releases, base: str) -> dict[str, Any]:
    file: dict[str, Any] = {
        "filename": _file_name(release),
        "url": _address(form.wheels + release.wheel),
        "hashes": {"sha256": release.sha256},
        "size": release.length,
        "yanked": release.yanked,
    }
    if release.requires_python:
        file["requires-python"] = release.requires_python
    if uploaded := _upload_time(release.uploaded):
        file["upload-time"] = uploaded
    if provenance := _provenance(release, form, base):
        file["provenance"] = provenance
    return file


def _file_name(release: Release) -> str:
    return release.wheel.rpartition("/")[2]


def _address(path: str) -> str:
    return _UP + quote(path)


def _provenance(release: Release, form: Releases, base: str) -> str:
    if release.provenance is None or not base.startswith("https://"):
        return ""
    return base + quote(form.provenance + release.provenance.path)


def _upload_time(uploaded: str) -> str:
    """The time in the one form that PEP 700 allows; empty for what is no time with an offset."""
    try:
        moment = datetime.fromisoformat(uploaded)
    except ValueError:
        return ""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.tzinfo else ""


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
