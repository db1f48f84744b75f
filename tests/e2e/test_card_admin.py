# SPDX-License-Identifier: GPL-2.0-or-later
"""card-admin as the security office and its scripts use it: exit codes, JSON,
secrets on standard input, the keyring that must be trusted, and first codes
that the server's clerk checks. On an instance of its own, with the real authd.
"""

import json
import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

import pytest

from sekisho import open_way

PROJECT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEKISHO_BUILD", PROJECT / "build" / "dev"))
INSTANCE = PROJECT / "deploy" / "instance"
DONE, REFUSED, USAGE, UNREACHED = 0, 1, 2, 3


class Office:
    """The PC of the security office."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([INSTANCE, "create", folder, "--build", BUILD], check=True)
        subprocess.run([INSTANCE, "start", folder, "pg", "authd"], check=True)
        shown = subprocess.run(
            [INSTANCE, "env", folder], check=True, capture_output=True, text=True
        ).stdout
        self.env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "Asia/Tokyo"}
        for line in shown.splitlines():
            name, value = line.split("=", 1)
            if name != "PATH":
                self.env[name] = value

    def run(self, *words, typed="", status=DONE, **env):
        """One command; its standard output, after its exit code was right."""
        done = subprocess.run(
            [BUILD / "bin" / "card-admin", *words],
            input=typed.encode(),
            capture_output=True,
            env={**self.env, **env},
            timeout=60,
        )
        self.said = done.stderr.decode()
        assert done.returncode == status, (words, done.stdout, self.said)
        return done.stdout.decode()

    def ask(self, *words, **more):
        return json.loads(self.run(*words, "--json", **more))

    def on_terminal(self, *words, answers):
        """The same on a terminal; its exit code and all that was shown."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(BUILD / "bin" / "card-admin", ["card-admin", *words], self.env)
        shown, answers = b"", list(answers)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            ready, _, _ = select.select([fd], [], [], 0.2)
            if ready:
                try:
                    octets = os.read(fd, 4096)
                except OSError:
                    break
                if not octets:
                    break
                shown += octets
            elif answers and shown.rstrip(b" ").endswith((b":", b"?")):
                os.write(fd, answers.pop(0).encode())
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    def close(self):
        subprocess.run([INSTANCE, "destroy", self.folder], check=True)


def code_of(seed32, when=None, **options):
    """What the phone would show."""
    words = ["oathtool", "--totp=" + options.get("hash", "SHA1"), "-b", seed32]
    words += ["-d", options.get("digits", "6"), "-s", options.get("period", "30s")]
    if when is not None:
        words += ["-N", f"@{int(when)}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    open_way(folder)
    office = Office(folder / "instance")
    yield office
    office.close()


@pytest.fixture
def suzuki(office):
    """A login that no other test has."""
    suzuki.n = getattr(suzuki, "n", 0) + 1
    login = f"suzuki{suzuki.n}"
    office.run("person", "add", login, "--name", "鈴木花子")
    return login


def test_a_first_login_takes_four_commands(office):
    person = office.ask("person", "add", "hanako", "--name", "鈴木花子", "--unit", "3西")
    assert person["login"] == "hanako" and person["name"] == "鈴木花子"
    office.run("password", "set", "hanako", typed="Vb3!xqTz\n")
    token = office.ask("totp", "enrol", "hanako", "--label", "phone")
    assert set(token) >= {"id", "uri", "secret_base32"}
    office.run("totp", "confirm", "hanako", typed=code_of(token["secret_base32"]) + "\n")
    (shown,) = office.ask("totp", "list", "hanako")
    assert shown["status"] == "active" and shown["label"] == "phone"


def test_logins_are_compared_without_width_and_case(office, suzuki):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in suzuki.upper())
    assert office.ask("person", "show", wide)["login"] == suzuki
    assert office.ask("person", "add", wide, "--name", "x", status=REFUSED) == {
        "refused": "person_exists",
        "detail": suzuki,
    }


def test_exit_codes(office):
    office.run("person", "show", "nobody", status=REFUSED)
    office.run("person", "show", status=USAGE)
    office.run("person", "show", "a b", status=USAGE)
    office.run("person", "list", "--nothing", status=USAGE)
    office.run("nothing", status=USAGE)
    office.run("person", "list", status=UNREACHED, PGHOST="/nonexistent")
    office.run("unlock", "hanako", status=REFUSED, PGUSER="sekisho_auditor")
    assert "sekisho_operator" in office.said


@pytest.mark.parametrize(
    "typed,word",
    [
        ("Abc12!x\n", "fewer"),
        ("Abcdefgh1\n", "mix"),
        ("12345678!\n", "mix"),
        ("LOGIN-9!x\n", "login"),
        ("Kangoshi-26!\n", "guessed"),
        ("qwerty12345!a\n", "guessed"),
        ("Kx7-hanako-Qz9!w\n", "name"),
        ("鈴木-Kx7-Qz9!w\n", "name"),
        ("a1!" * 43 + "\n", "octets"),
        ("\n", "standard input"),
        ("", "standard input"),
    ],
)
def test_weak_passwords_are_refused(office, suzuki, typed, word):
    before = office.ask("person", "show", suzuki)
    status = USAGE if typed.strip() == "" else REFUSED
    office.run("password", "set", suzuki, typed=typed.replace("LOGIN", suzuki), status=status)
    assert word in office.said
    assert office.ask("person", "show", suzuki)["password"] == before["password"] is None


def test_eight_characters_count_as_characters(office, suzuki):
    office.run("password", "set", suzuki, typed="ひむつきとばぬ1!\n")


def test_a_password_is_asked_for_twice_and_not_shown(office, suzuki):
    status, shown = office.on_terminal(
        "password", "set", suzuki, answers=["Vb3!xqTz\n", "Vb3!xqTz\n"]
    )
    assert status == DONE and "Vb3!xqTz" not in shown
    status, shown = office.on_terminal(
        "password", "set", suzuki, answers=["Vb3!xqTz\n", "Vb3!xqTy\n"]
    )
    assert status == REFUSED


def test_nothing_is_sealed_to_a_keyring_that_is_not_trusted(office, suzuki, tmp_path):
    conf = tmp_path / "new" / "card-admin.conf"
    env = {"SEKISHO_CARD_ADMIN_CONF": str(conf)}
    fingerprint = office.ask("keyring", "show", **env)
    assert fingerprint["trusted"] is False
    office.run("password", "set", suzuki, typed="Vb3!xqTz\n", status=REFUSED, **env)
    assert fingerprint["fingerprint"] in office.said and "keyring trust" in office.said
    office.run("totp", "enrol", suzuki, status=REFUSED, **env)
    wrong = "0" + fingerprint["fingerprint"][1:]
    if wrong == fingerprint["fingerprint"]:
        wrong = "1" + wrong[1:]
    office.run("keyring", "trust", wrong, status=REFUSED, **env)
    office.run("keyring", "trust", status=USAGE, **env)
    assert not conf.exists()
    office.run("keyring", "trust", fingerprint["fingerprint"].upper().replace(" ", ""), **env)
    assert conf.stat().st_mode & 0o777 == 0o600
    office.run("password", "set", suzuki, typed="Vb3!xqTz\n", **env)
    assert office.ask("keyring", "show", **env)["trusted"] is True


def test_a_wrong_first_code_is_refused_and_a_right_one_counts_once(office, suzuki):
    token = office.ask("totp", "enrol", suzuki)
    now = time.time()
    right = code_of(token["secret_base32"], now)
    near = {code_of(token["secret_base32"], now + 30 * n) for n in range(-4, 5)}
    wrong = next(c for c in ("111111", "222222", "333333") if c not in near)
    assert office.ask("totp", "confirm", suzuki, typed=wrong + "\n", status=REFUSED) == {
        "refused": "wrong_code",
        "detail": "",
    }
    office.run("totp", "confirm", suzuki, typed="12345\n", status=USAGE)
    # as people type it
    wide = "".join(chr(ord(c) + 0xFEE0) for c in right)
    office.run("totp", "confirm", suzuki, typed=f"{wide[:3]} {wide[3:]}\n")
    office.run("totp", "confirm", suzuki, typed=right + "\n", status=REFUSED)


def test_tokens_are_named_by_the_beginning_of_their_id(office, suzuki):
    one = office.ask("totp", "enrol", suzuki, "--algorithm", "SHA256", "--digits", "8")
    office.ask("totp", "enrol", suzuki)
    code = code_of(one["secret_base32"], hash="SHA256", digits="8")
    office.run("totp", "confirm", suzuki, typed=code + "\n", status=REFUSED)
    office.run("totp", "confirm", suzuki, "--id", one["id"][:8], typed=code + "\n")
    office.run("totp", "suspend", suzuki, one["id"])
    office.run("totp", "resume", suzuki, one["id"][:12])
    office.run("totp", "revoke", suzuki, one["id"])
    office.run("totp", "resume", suzuki, one["id"], status=REFUSED)


def test_resync_finds_a_clock_that_is_wrong(office, suzuki):
    token = office.ask("totp", "enrol", suzuki)
    seed = token["secret_base32"]
    office.run("totp", "confirm", suzuki, typed=code_of(seed) + "\n")
    ahead = time.time() + 1200
    codes = f"{code_of(seed, ahead)}\n{code_of(seed, ahead + 30)}\n"
    office.run("totp", "resync", suzuki, typed=codes)
    assert office.ask("totp", "list", suzuki)[0]["drift"] in range(38, 43)


def test_the_clerk_that_does_not_answer_is_out_of_reach(office, suzuki):
    token = office.ask("totp", "enrol", suzuki)
    subprocess.run([INSTANCE, "stop", office.folder, "authd"], check=True)
    try:
        code = code_of(token["secret_base32"])
        office.run("totp", "confirm", suzuki, typed=code + "\n", status=UNREACHED)
        assert "clerk" in office.said
    finally:
        subprocess.run([INSTANCE, "start", office.folder, "authd"], check=True)


def test_the_address_in_the_qr_code(office, suzuki, tmp_path):
    token = office.ask("totp", "enrol", suzuki, "--period", "60")
    assert re.fullmatch(
        rf"otpauth://totp/Sekisho:{suzuki}\?secret=[A-Z2-7]{{32}}&issuer=Sekisho"
        r"&algorithm=SHA1&digits=6&period=60",
        token["uri"],
    )
    shown = office.run("totp", "enrol", suzuki)
    assert "█" in shown and "otpauth://totp/" in shown
    png = tmp_path / "qr.png"
    shown = office.run("totp", "enrol", suzuki, "--png", str(png))
    assert "otpauth" not in shown
    assert png.read_bytes().startswith(b"\x89PNG") and png.stat().st_mode & 0o777 == 0o600
    office.run("totp", "enrol", suzuki, "--png", str(png), status=USAGE)
    assert len(office.ask("totp", "list", suzuki)) == 3


def test_a_line_on_standard_input_is_the_secret_of_a_client(office):
    given = office.ask(
        "client", "add", "c1", "--address", "192.0.2.1", "--kind", "terminal",
        typed="0123456789abcdef\n",
    )
    assert "secret" not in given and given["codes"] == "either"
    made = office.ask("client", "add", "c2", "--address", "192.0.2.2", "--kind", "vpn")
    assert len(made["secret"]) >= 32 and made["show_first"] is False
    assert "secret" not in office.ask("client", "show", "c2")
    for typed in ("short\n", "with blanks in the middle\n", "x" * 129 + "\n"):
        office.run(
            "client", "add", "c3", "--address", "192.0.2.3", "--kind", "vpn",
            typed=typed, status=REFUSED,
        )
    office.run(
        "client", "add", "c3", "--address", "192.0.2.3", "--kind", "vpn",
        "--secret-stdin", status=USAGE,
    )


def test_a_silent_pipe_does_not_hang(office):
    reader, writer = os.pipe()
    began = time.monotonic()
    done = subprocess.run(
        [BUILD / "bin" / "card-admin", "client", "add", "c9", "--address", "192.0.2.9"]
        + ["--kind", "vpn"],
        stdin=reader, env=office.env, capture_output=True, timeout=60,
    )
    os.close(reader)
    os.close(writer)
    assert done.returncode == USAGE and time.monotonic() - began < 30
    office.run("client", "show", "c9", status=REFUSED)


def test_clients_and_zones(office):
    office.run("zone", "add", "W3")
    office.run("zone", "add", "W3", status=REFUSED)
    add = ["client", "add", "W3-07", "--kind", "terminal", "--zone", "W3"]
    office.run(*add, "--address", "198.51.100.7/24", status=USAGE)
    office.run(*add, "--address", "ward", status=USAGE)
    office.run(*add, "--address", "198.51.100.7")
    office.run(*add, "--address", "198.51.100.8", status=REFUSED)
    assert [(z["name"], z["clients"]) for z in office.ask("zone", "list")] == [("W3", ["W3-07"])]
    office.run("zone", "remove", "W3", status=REFUSED)
    assert office.ask("client", "set", "W3-07", "--zone", "")["zone"] is None
    office.run("zone", "remove", "W3")
    assert "secret" in office.ask("client", "set", "W3-07", "--new-secret")
    office.run("client", "remove", "W3-07")
    assert "W3-07" not in {c["name"] for c in office.ask("client", "list")}


def test_no_message_authenticator_needs_reason_date_and_one_address(office):
    add = ["client", "add", "old", "--kind", "wlan"]
    until = ["--no-message-authenticator-until", time.strftime("%Y-%m-%d")]
    office.run(*add, "--address", "203.0.113.0/24", *until, "--reason", "r", status=REFUSED)
    office.run(*add, "--address", "203.0.113.1", *until, status=REFUSED)
    far = ["--no-message-authenticator-until", "2099-01-01"]
    office.run(*add, "--address", "203.0.113.1", *far, "--reason", "r", status=REFUSED)
    office.run(*add, "--address", "203.0.113.1", *until, "--reason", "replaced soon")


def test_a_last_day_is_included_in_local_time(office):
    person = office.ask(
        "person", "add", "jiro", "--name", "次郎", "--from", "2027-01-01", "--until", "2027-03-31"
    )
    (affiliation,) = person["affiliations"]
    assert affiliation["from"].startswith("2026-12-31T15:00:00")
    assert affiliation["until"].startswith("2027-03-31T15:00:00")
    assert "2027-03-31 " in office.run("person", "list", "jiro").replace("\n", " ")
    office.run("person", "add", "x1", "--name", "x", "--until", "2027-02-29", status=USAGE)


def test_affiliations_and_suspension(office, suzuki):
    office.run("person", "affiliate", suzuki, "--unit", "ICU")
    office.run("person", "unaffiliate", suzuki, status=REFUSED)
    icu = office.ask("person", "show", suzuki)["affiliations"][1]
    after = office.ask("person", "unaffiliate", suzuki, icu["id"][:8])
    assert after["affiliations"][1]["until"] is not None
    office.run("person", "suspend", suzuki, "--reason", "leave")
    office.run("person", "suspend", suzuki, status=REFUSED)
    assert office.ask("person", "resume", suzuki)["status"] == "active"


PSKC = """<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">{}</KeyContainer>"""
KEY = """<KeyPackage><DeviceInfo><SerialNo>{}</SerialNo></DeviceInfo><Key Id="{}"
 Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:{}"><AlgorithmParameters>
 <ResponseFormat Length="{}" Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret>
 <PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret></Data></Key></KeyPackage>"""
SEED32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp932"])
def test_pskc_import_reports_each_key(office, suzuki, tmp_path, coding):
    file, owners = tmp_path / "tokens.xml", tmp_path / "who.csv"
    keys = [("A1", "totp", 6), ("A2", "hotp", 6), ("A3", "totp", 7), ("A4", "totp", 6)]
    file.write_text(PSKC.format("".join(KEY.format(s, s, a, d) for s, a, d in keys)))
    rows = f"製造番号,職員\r\nA1,{suzuki.upper()}\r\n\"A2\",{suzuki}\r\nA3,{suzuki}\r\nA4,nobody\r\n"
    owners.write_bytes(rows.encode(coding))
    words = ["totp", "import", str(file), "--map", str(owners)]
    dry = office.ask(*words, "--dry-run", status=REFUSED)
    assert [r["outcome"] for r in dry] == ["would_enrol", "refused", "refused", "refused"]
    assert office.ask("totp", "list", suzuki) == []
    report = office.ask(*words, status=REFUSED)
    assert [r["outcome"] for r in report] == ["enrolled", "refused", "refused", "refused"]
    (token,) = office.ask("totp", "list", suzuki)
    assert token["label"] == "A1" and token["status"] == "pending"
    office.run("totp", "confirm", suzuki, typed=code_of(SEED32) + "\n")


def test_pskc_that_cannot_be_read_shows_nothing_of_itself(office, suzuki, tmp_path):
    file = tmp_path / "broken.xml"
    file.write_text(PSKC.format(KEY.format("B1", "B1", "totp", 6)).replace("</Secret>", ""))
    office.run("totp", "import", str(file), "--login", suzuki, status=USAGE)
    assert "MTIzNDU2" not in office.said
    file.write_bytes(b"<" * (4 * 1024 * 1024 + 1))
    office.run("totp", "import", str(file), "--login", suzuki, status=USAGE)


def test_rules(office):
    office.run("policy", "set", "vpn", "--session", "3600")
    (vpn,) = [p for p in office.ask("policy", "list") if p["name"] == "vpn"]
    assert vpn["session_timeout"] == 3600 and vpn["methods"] == [
        "password", "totp", "card", "pin", "fido2", "uv"]
    office.run("policy", "set", "vpn", "--methods", "password,x", status=USAGE)
    office.run("policy", "set", "vpn", "--idle", "-1", status=USAGE)
    rule = office.ask("policy", "throttle", "outside", "knowledge", "--lock-after", "4")
    assert rule["lock_after"] == 4
    office.run("policy", "throttle", "nowhere", "knowledge", "--lock-after", "4", status=REFUSED)
    assert len(office.ask("policy", "throttle")) == 9
    office.run("setting", "set", "password.opslimit", "0", status=REFUSED)
    assert office.ask("setting", "set", "password.opslimit", "3")["value"] == "3"
    office.run("setting", "set", "password.opslimit", "2")


def test_a_person_is_called_otherwise(office, suzuki):
    before = office.ask("person", "show", suzuki)
    office.run("person", "set", suzuki, status=USAGE)
    office.run("person", "set", suzuki, "--name", "", status=REFUSED)
    office.run("person", "set", suzuki, "--lang", "fr", status=USAGE)
    after = office.ask("person", "set", suzuki, "--name", "佐藤 花子", "--lang", "en")
    assert (after["name"], after["lang"], after["kana"]) == ("佐藤 花子", "en", before["kana"])
    assert after["version"] == before["version"]  # logins under way go on
    event = office.ask("audit", "show", "--login", suzuki)[-1]
    assert event["reason"] == "person_set" and event["detail"]["before"]["name"] == before["name"]
    office.run("person", "set", suzuki, "--name", before["name"], "--lang", before["lang"])


def test_audit_names_operator_and_deed(office, suzuki):
    office.run("unlock", suzuki)
    events = office.ask("audit", "show", "--login", suzuki)
    assert [e["reason"] for e in events] == ["person_add", "unlock"]
    for event in events:
        assert set(event) >= {"at", "login", "client", "outcome", "reason", "evidence", "ref"}
        assert event["actor"] == "sekisho_operator"
    assert "unlocked" in office.run("audit", "show", "--login", suzuki)
    assert office.ask("audit", "show", "--login", suzuki, "--since", "2999-01-01") == []
    assert office.ask("audit", "show", "--ref", "k0-0000") == []


def test_audit_follow_shows_each_event_once(office, suzuki):
    follower = subprocess.Popen(
        [BUILD / "bin" / "card-admin", "audit", "show", "--follow", "--json", "--login", suzuki],
        stdout=subprocess.PIPE, env=office.env, text=True,
    )
    try:
        assert json.loads(follower.stdout.readline())["reason"] == "person_add"
        office.run("unlock", suzuki)
        assert json.loads(follower.stdout.readline())["reason"] == "unlock"
        office.run("person", "suspend", suzuki)
        assert json.loads(follower.stdout.readline())["reason"] == "person_suspended"
    finally:
        follower.terminate()
        follower.wait()


def test_japanese_without_its_locale_installed(office):
    office.run("person", "show", "nobody", status=REFUSED, LANG="ja_JP.UTF-8")
    assert "いません" in office.said
    assert "状態" in office.run("person", "list", LANG="ja_JP.UTF-8")
    assert "職員" in office.run("person", "--help", LC_ALL="ja_JP.UTF-8")
    assert office.ask("person", "show", "hanako", LANG="ja_JP.UTF-8")["status"] == "active"


def test_every_command_explains_itself(office):
    nouns = re.findall(r"^  (\w+)  ", office.run("--help"), re.M)
    assert {"person", "password", "totp", "client", "audit", "unlock"} <= set(nouns)
    for noun in nouns:
        for verb in re.findall(r"^  (\w+) ", office.run(noun, "--help"), re.M):
            if noun != "unlock":
                assert "--json" in office.run(noun, verb, "--help")


def test_completion_is_a_script(office):
    script = office.run("completion", "bash")
    trial = (
        script + "\nCOMP_WORDS=(card-admin person add x --lang ''); COMP_CWORD=5\n"
        '_card_admin; echo "${COMPREPLY[*]}"'
    )
    done = subprocess.run(["bash", "-c", trial], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "ja en"
