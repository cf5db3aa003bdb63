"""Which file of certificate authorities a skill's TLS trusts."""

from pathlib import Path

import pytest

from skillkernel.services.network.trust import trust_file


def test_the_person_s_own_choice_comes_first_with_its_links_followed(tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text("")
    file.chmod(0o644)
    (tmp_path / "link.pem").symlink_to(file)
    assert trust_file({"SSL_CERT_FILE": str(tmp_path / "link.pem")}) == file.resolve()


@pytest.mark.parametrize("named", ["", "authorities.pem", "/nowhere/authorities.pem", "/"])
def test_a_choice_that_is_no_file_is_passed_over(named: str) -> None:
    assert trust_file({"SSL_CERT_FILE": named}) == trust_file({})


def test_a_file_that_not_everybody_may_read_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text("")
    file.chmod(0o600)
    assert trust_file({"SSL_CERT_FILE": str(file)}) != file


def test_a_machine_that_has_authorities_has_a_file_of_them() -> None:
    found = trust_file({})
    assert found is not None
    assert found.is_file()
    assert not found.is_symlink()
