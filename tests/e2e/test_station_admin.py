# SPDX-License-Identifier: GPL-2.0-or-later
"""The register of machines as an officer works with it: every verb, for people
and for scripts, and lists of thousands."""

import pytest
from sekisho import Sekisho, run


@pytest.fixture(scope="module")
def s():
    instance = Sekisho("stations")
    yield instance
    instance.close()


def said(s, *words):
    done = run("card-admin", *words, env=s.env, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_station_from_first_to_last(s):
    p = s.person()
    added = s.admin("station", "add", "Cart-1", "--mac", "001B-C504-5001", "--owner", p.login, "--until", "2031-03-31")
    assert (added["name"], added["mac"], added["owner"]) == ("cart-1", "00:1b:c5:04:50:01", p.login)
    for search in "cart-1", "001b.c504.5001":
        assert s.admin("station", "show", search)["name"] == "cart-1"
        code, out, _ = said(s, "station", "show", search)
        assert code == 0 and "00:1b:c5:04:50:01" in out and p.login in out and "2031-03-31" in out
    assert [x["name"] for x in s.admin("station", "list", p.login)] == ["cart-1"]
    assert [x["name"] for x in s.admin("station", "list", "--expires-before", "2031-04-30")] == ["cart-1"]
    assert s.admin("station", "list", "--expires-before", "2030-01-01") == []
    changed = s.admin("station", "set", "cart-1", "--owner", "none", "--forever")
    assert changed["owner"] is None and changed["valid_until"] is None
    assert s.admin("station", "retire", "cart-1", "--why", "given back")["status"] == "retired"
    assert s.admin("station", "list") == [] and len(s.admin("station", "list", "--all")) == 1
    assert s.admin("station", "show", "cart-1")["retired_why"] == "given back"
    s.admin("station", "add", "cart-1", "--mac", "001bc5045001")
    assert s.admin("station", "show", "cart-1")["status"] == "active", "of two the one that counts"


def test_a_device_from_first_to_last(s):
    s.admin("device", "add", "ct-2", "--mac", "00:1b:c5:04:51:07", "--vlan", "210", "--maker", "Example", "--risk", "low")
    s.admin("device", "grant", "ct-2", "Cisco-AVPair", "ip:inacl#1=permit ip any host 10.2.0.7")
    s.admin("device", "grant", "ct-2", "Cisco-AVPair", "ip:inacl#2=deny ip any any", "--beside")
    s.admin("device", "set", "ct-2", "--firmware", "4.1, 2027-04-02")
    code, out, _ = said(s, "device", "show", "ct-2")
    assert code == 0 and "vlan 210" in out and "inacl#2" in out and "4.1, 2027-04-02" in out and "low" in out
    assert len(s.admin("device", "show", "ct-2")["grants"]) == 3
    assert [g["attribute"] for g in s.admin("device", "grant", "ct-2", "Cisco-AVPair")["grants"]] == ["vlan"]
    assert "ct-2" in said(s, "device", "list")[1]
    assert said(s, "station", "show", "ct-2")[0] == 1, "it is no station"


@pytest.mark.parametrize("words, why", [
    (("station", "add", "x"), "--mac is missing"), (("station", "add", "x y", "--mac", "001bc5045099"), "cannot be a name"),
    (("station", "add", "x", "--mac", "00-1B-C5"), "no MAC address"), (("station", "show", "nix"), "is called"),
    (("station", "set", "nix", "--owner", "none"), "not in the register"),
    (("station", "retire", "nix"), "not in the register"), (("device", "grant", "nix", "vlan", "5"), "not in the register"),
    (("station", "add", "x", "--mac", "ffffffffffff"), "not the address of one machine"),
    (("station", "certificate-add", "nix", "/nonexistent"), "No such file"),
    (("station", "certificate-revoke", "nix"), "not in the register"), (("device", "import", "/nonexistent"), "No such file")])
def test_what_cannot_be(s, words, why):
    code, out, err = said(s, *words)
    assert code in (1, 2) and why in err, (code, out, err)


def test_import_of_thousands(s, tmp_path):
    rows = ["name,address,owner,until"] + [f"note-{i:04d},00-1B-C6-00-{i >> 8:02X}-{i & 255:02X},,2031-03-31" for i in range(3000)]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(rows), encoding="utf-8-sig")
    assert {r["outcome"] for r in s.admin("station", "import", path, "--dry-run")} == {"would_add"}
    assert s.admin("station", "list", "note-") == [], "on trial nothing is written"
    assert len(s.admin("station", "import", path)) == 3000
    assert len(s.admin("station", "list", "note-")) == 3000, "in pieces, and all"
    code, out, _ = said(s, "station", "import", path)
    assert code == 0 and "added: 0, there already: 3000, refused: 0" in out


def test_import_with_mistakes_in_cp932(s, tmp_path):
    path = tmp_path / "devices.csv"
    path.write_bytes("\r\n".join([
        "ポンプ1,00:1b:c7:00:00:01,220,to-pumps", "bad,zz:zz,220", "wrong,00:1b:c7:00:00:02,5000", "few",
        "made-up,02:1b:c7:00:00:03,220", "ポンプ1,00:1b:c7:00:00:09,220"]).encode("cp932"))
    code, out, err = said(s, "device", "import", path)
    assert code == 1 and "added: 2, there already: 0, refused: 4" in out, (out, err)
    assert "line 2" in out and "that is no MAC address" in out and "line 4" in out and "will change" in out
    granted = {g["attribute"]: g["value"] for g in s.admin("device", "show", "ポンプ1")["grants"]}
    assert granted == {"vlan": "220", "filter-id": "to-pumps"}
