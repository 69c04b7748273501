"""One source of key, address and instance; files that others can write are refused."""

import json
import os
import subprocess
import sys

import pytest

from sqsq.engines import BackendChoice, open_hardware
from sqsq.engines.ibm import credentials
from sqsq.engines.ibm.credentials import Credentials, find_credentials
from sqsq.errors import BackendError
from sqsq.fake_service import TOKEN
from sqsq.fake_service.service import INSTANCE
from sqsq.redaction import without_secrets

CHOICE = BackendChoice("ibm_brisbane")
KEY = "a-key-that-must-not-be-seen"
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """An empty directory, an empty home, and nothing said yet."""
    home, here = tmp_path / "home", tmp_path / "project" / "below"
    home.mkdir()
    here.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    for name in ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL", "IBM_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    credentials._name_source.cache_clear()
    return here


@pytest.fixture
def env_file(elsewhere):
    """A ``.env`` above the working directory."""

    def write(*lines, mode=0o600):
        path = elsewhere.parent / ".env"
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(mode)
        return path

    return write


def save_account(monkeypatch, tmp_path, mode=0o600, **account):
    path = tmp_path / "qiskit-ibm.json"
    whole = {"channel": "ibm_quantum_platform", "token": KEY, "instance": INSTANCE, **account}
    path.write_text(json.dumps({"default-ibm-quantum-platform": whole}))
    path.chmod(mode)
    monkeypatch.setattr("qiskit_ibm_runtime.accounts.management._DEFAULT_ACCOUNT_CONFIG_JSON_FILE", str(path))
    return path


def test_a_key_of_the_environment_goes_to_no_address_of_a_file(monkeypatch, env_file, capsys):
    env_file("QISKIT_IBM_TOKEN=other", "QISKIT_IBM_URL=https://evil.example", "QISKIT_IBM_INSTANCE=theirs")
    monkeypatch.setenv("QISKIT_IBM_TOKEN", KEY)
    assert find_credentials() == Credentials(KEY, None, None, None)
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_used_does_not_matter_where_the_environment_has_a_key(monkeypatch, env_file):
    env_file("QISKIT_IBM_TOKEN=other", mode=0o666)
    monkeypatch.setenv("QISKIT_IBM_TOKEN", KEY)
    assert find_credentials().token == KEY


def test_a_key_of_a_file_goes_to_no_address_of_the_environment(monkeypatch, env_file, capsys):
    path = env_file(f"export QISKIT_IBM_TOKEN='{KEY}'", "OTHER=1", "QISKIT_IBM_INSTANCE=mine")
    monkeypatch.setenv("QISKIT_IBM_URL", "https://evil.example")
    before = dict(os.environ)
    for _ in range(3):
        assert find_credentials() == Credentials(KEY, None, "mine", None)
    assert dict(os.environ) == before
    said = capsys.readouterr().err
    assert said == (
        f"sqsq: IBM Quantum credentials from {path} (QISKIT_IBM_URL of the environment, which has no key, "
        "not used)\n"
    )


def test_the_nearest_file_is_the_only_one(env_file, elsewhere):
    env_file(f"QISKIT_IBM_TOKEN={KEY}")
    (elsewhere / ".env").write_text("QISKIT_IBM_URL=https://evil.example\n")
    with pytest.raises(BackendError, match="no IBM Quantum credentials found"):
        find_credentials()


def test_a_file_without_a_key_leaves_the_saved_account(monkeypatch, tmp_path, env_file, capsys):
    env_file("QISKIT_IBM_URL=http://evil.example", "QISKIT_IBM_TOKEN=")
    path = save_account(monkeypatch, tmp_path)
    assert find_credentials().arguments(None) == {}
    assert find_credentials().arguments("mine") == {"instance": "mine"}
    assert without_secrets(KEY) == "***"
    assert capsys.readouterr().err == f"sqsq: IBM Quantum credentials from {path}\n"


def test_a_virtual_environment_called_env_is_no_file(env_file, elsewhere):
    env_file(f"QISKIT_IBM_TOKEN={KEY}")
    (elsewhere / ".env").mkdir()
    assert find_credentials().token == KEY


def test_a_file_does_not_send_the_environment_anywhere(monkeypatch, env_file):
    monkeypatch.setenv("SOMETHING_SECRET", "secret")
    env_file("QISKIT_IBM_TOKEN=${SOMETHING_SECRET}", "QISKIT_IBM_URL=https://evil.example")
    assert find_credentials().token == "${SOMETHING_SECRET}"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o664])
def test_a_file_that_others_can_write_is_refused(env_file, mode):
    path = env_file(f"QISKIT_IBM_TOKEN={KEY}", mode=mode)
    with pytest.raises(BackendError, match=rf"others can write to it: chmod go-w {path}") as refusal:
        find_credentials()
    assert refusal.value.exit_code == 3
    path.chmod(0o644)
    assert find_credentials().token == KEY


@as_root
def test_a_file_of_another_user_is_refused(env_file):
    path = env_file(f"QISKIT_IBM_TOKEN={KEY}")
    os.chown(path, NOBODY, NOBODY)
    with pytest.raises(BackendError, match=rf"{path} is another user's \(uid 65534, not 0\)"):
        find_credentials()


@as_root
def test_a_link_of_another_user_is_refused(env_file, elsewhere):
    """In a directory where everybody may write, it may lead to any file of the user's."""
    target = env_file(f"QISKIT_IBM_TOKEN={KEY}")
    link = elsewhere / ".env"
    link.symlink_to(target)
    assert find_credentials().token == KEY
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(BackendError, match=f"{link} is another user's"):
        find_credentials()


def test_the_target_of_a_link_counts(env_file, elsewhere):
    (elsewhere / ".env").symlink_to(env_file(f"QISKIT_IBM_TOKEN={KEY}", mode=0o606))
    with pytest.raises(BackendError, match="others can write to it"):
        find_credentials()


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"QISKIT_IBM_TOKEN=\xff\xfe", "byte 17 of it is not UTF-8"), ("A=1\n".encode("utf-16"), "not UTF-8")],
)
def test_a_file_that_is_not_text(elsewhere, content, why):
    path = elsewhere / ".env"
    path.write_bytes(content)
    with pytest.raises(BackendError, match=f"{path} cannot be read: .*{why}"):
        find_credentials()


def test_files_that_cannot_be_opened(elsewhere):
    path = elsewhere / ".env"
    path.symlink_to(path)
    with pytest.raises(BackendError, match="cannot be read: Too many levels"):
        find_credentials()
    path.unlink()
    path.symlink_to(elsewhere / "gone")
    with pytest.raises(BackendError, match="cannot be read: No such file"):
        find_credentials()
    path.unlink()
    path.symlink_to("/dev/null")
    with pytest.raises(BackendError, match="it is not a file"):
        find_credentials()


def test_a_byte_order_mark_and_foreign_line_ends(elsewhere):
    (elsewhere / ".env").write_bytes(b"\xef\xbb\xbfQISKIT_IBM_TOKEN=" + KEY.encode() + b" \r\nA='\r\n")
    assert find_credentials().token == KEY


@pytest.mark.parametrize("token", ["two words", "line\nline", "schlüssel", "\x1b[31m", "   ", "\udcff"])
def test_what_is_no_key(monkeypatch, token):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", token)
    with pytest.raises(
        BackendError, match="QISKIT_IBM_TOKEN of the environment is not an API key"
    ) as refusal:
        find_credentials()
    assert token.strip() == "" or token not in str(refusal.value)


@pytest.mark.parametrize("name", ["QISKIT_IBM_URL", "IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"])
def test_no_address_of_the_environment_gets_a_key_unencrypted(monkeypatch, name):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", KEY)
    monkeypatch.setenv(name, "http://evil.example")
    with pytest.raises(
        BackendError, match=f"{name}.* is 'http://evil.example', which would send the key unenc"
    ):
        find_credentials()


def test_no_address_of_a_file_gets_a_key_unencrypted(monkeypatch, tmp_path, env_file):
    path = env_file(f"QISKIT_IBM_TOKEN={KEY}", "QISKIT_IBM_URL=http://127.0.0.1.evil.example")
    with pytest.raises(BackendError, match=f"QISKIT_IBM_URL of {path} is .* unencrypted"):
        find_credentials()
    path.unlink()
    path = save_account(monkeypatch, tmp_path, url="http://evil.example")
    with pytest.raises(BackendError, match=f"the URL in {path} is .* unencrypted"):
        find_credentials()


def test_the_file_that_the_client_reads_by_itself(monkeypatch, elsewhere):
    """The client's library takes addresses from it, which get access tokens."""
    monkeypatch.setenv("QISKIT_IBM_TOKEN", KEY)
    path = elsewhere / "ibm-credentials.env"
    path.write_text("GLOBAL_SEARCH_URL=http://evil.example\n")
    with pytest.raises(BackendError, match=r"GLOBAL_SEARCH_URL is 'http://evil\.example'"):
        find_credentials()
    path.write_text("GLOBAL_SEARCH_URL=https://evil.example\n")
    path.chmod(0o666)
    with pytest.raises(BackendError, match=f"{path} may hold your key, and others can write to it"):
        find_credentials()


def test_saved_accounts_that_cannot_be_used(monkeypatch, tmp_path):
    save_account(monkeypatch, tmp_path, mode=0o666)
    with pytest.raises(BackendError, match="others can write to it"):
        find_credentials()
    for wrong in ({"token": 7}, {"token": "a b"}, {"token": None}):
        save_account(monkeypatch, tmp_path, **wrong)
        with pytest.raises(BackendError, match=r"the token in .* is not an API key"):
            find_credentials()
    path = save_account(monkeypatch, tmp_path)
    for content in ("{", "7", '{"default-ibm-quantum-platform": 3}', "\x00"):
        path.write_text(content)
        with pytest.raises(BackendError, match=f"{path} does not hold an account that can be used"):
            find_credentials()
    for wrong in ({"channel": "local"}, {"proxies": {"url": 1}}, {"region": 3}, {"proxies": 3}):
        save_account(monkeypatch, tmp_path, **wrong)
        with pytest.raises(BackendError, match="account"):
            find_credentials()
    save_account(monkeypatch, tmp_path, url=7)
    with pytest.raises(BackendError, match="does not hold an account that can be used"):
        find_credentials()
    path.write_text("{}")
    with pytest.raises(BackendError, match="no IBM Quantum credentials found"):
        find_credentials()


@pytest.mark.parametrize("channel", ["local", "ibm_quantum", "x"])
def test_no_channel_but_those_that_lead_to_devices(monkeypatch, channel):
    """The client's channel ``local`` would simulate in the device's place."""
    monkeypatch.setenv("QISKIT_IBM_TOKEN", KEY)
    monkeypatch.setenv("QISKIT_IBM_CHANNEL", channel)
    with pytest.raises(BackendError, match=r"QISKIT_IBM_CHANNEL of the environment is .*: allowed are ibm_q"):
        find_credentials()


@pytest.mark.parametrize(
    "crn", ["crn:", "crn:v1:a:b:c:evil.example/:a/b:c::", "crn:v1:bluemix:public:q:us-east"]
)
def test_an_instance_that_the_client_cannot_read(crn):
    with pytest.raises(BackendError, match="is not a CRN of an instance"):
        Credentials(KEY, None, None, None).arguments(crn)
    with pytest.raises(BackendError, match="is not a CRN of an instance"):
        Credentials(KEY, None, crn, None).arguments(None)
    assert Credentials(KEY, None, crn, None).arguments(INSTANCE)["instance"] == INSTANCE


def test_looking_for_an_account_makes_no_file(monkeypatch, tmp_path):
    path = save_account(monkeypatch, tmp_path)
    path.unlink()
    with pytest.raises(BackendError, match="no IBM Quantum credentials found"):
        find_credentials()
    assert not path.exists()


def test_a_key_is_not_in_the_text_of_credentials():
    assert KEY not in repr(Credentials(KEY, None, None, None))


def only_in_a_file(fake_service, monkeypatch, env_file):
    """The environment of the rehearsal, moved to a file but for what only the client reads."""
    for name, value in fake_service.environment().items():
        monkeypatch.setenv(name, value)
    lines = []
    for name in ("TOKEN", "URL", "INSTANCE", "CHANNEL"):
        lines.append(f"QISKIT_IBM_{name}={os.environ[f'QISKIT_IBM_{name}']}")
        monkeypatch.delenv(f"QISKIT_IBM_{name}")
    return env_file(*lines)


def test_logging_in_with_a_file(fake_service, monkeypatch, env_file, capfd):
    path = only_in_a_file(fake_service, monkeypatch, env_file)
    before = dict(os.environ)
    assert open_hardware(CHOICE).name == "ibm_brisbane"
    assert dict(os.environ) == before
    said = capfd.readouterr()
    assert said.err == f"sqsq: IBM Quantum credentials from {path}\n"
    assert said.out == ""


def test_a_wrong_key_of_the_environment_is_not_mended_by_a_file(fake_service, monkeypatch, env_file):
    only_in_a_file(fake_service, monkeypatch, env_file)
    for name, value in fake_service.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "a-wrong-one")
    with pytest.raises(BackendError, match="refused the credentials") as refusal:
        open_hardware(CHOICE)
    assert "a-wrong-one" not in str(refusal.value)


def test_a_file_of_others_is_one_line_and_a_code(env_file):
    path = env_file(f"QISKIT_IBM_TOKEN={TOKEN}", "QISKIT_IBM_URL=http://evil.example", mode=0o666)
    arguments = ["train-usps", "--data", "digits", "--backend", "ibm_brisbane", "--dry-run"]
    result = subprocess.run(
        [sys.executable, "-m", "sqsq", *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert f"sqsq: {path} may hold your key" in result.stderr
    assert TOKEN not in result.stderr + result.stdout
