# SPDX-License-Identifier: GPL-2.0-or-later
"""People from the personnel system's list, as it comes: all of it or nothing."""

import pytest

from sekisho import Sekisho, run


@pytest.fixture(scope="module")
def s():
    s = Sekisho("import")
    yield s
    s.close()


def take(s, path, *args, status=0):
    done = run("card-admin", "person", "import", path, *args, env=s.env, check=False, timeout=300)
    assert done.returncode == status, (done.stdout[-2000:], done.stderr[-2000:])
    return done


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / f"staff-{encoding}.csv"
    path.write_bytes(text.encode(encoding))
    return path


STAFF = """ログイン,氏名,カナ,生年月日,職員番号,所属,開始日,終了日
{0}1,髙橋 健太郎,ﾀｶﾊｼ ｹﾝﾀﾛｳ,昭和60年4月3日,{0}A1047,3西,,
{0}2,山﨑 美咲,ヤマサキ ミサキ,H2.11.8,{0}A2,ICU,2026-04-01,令和19年3月31日
{0}3,小林 恵,こばやし めぐみ,1999/12/31,{0}A3,外来,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_as_the_personnel_system_writes_it(s, tmp_path, encoding):
    mark = {"utf-8": "u", "utf-8-sig": "b", "cp932": "c"}[encoding]
    path = write(tmp_path, STAFF.format(mark), encoding)
    tried = take(s, path, "--dry-run")
    assert "added: 3, changed: 0" in tried.stdout and "without --dry-run" in tried.stdout
    assert s.admin("person", "show", mark + "1", check=False).returncode == 1, "only tried"
    assert s.sql("SELECT count(*) FROM sekisho.import_row") == "0"
    assert "added: 3, changed: 0, there already: 0, refused: 0" in take(s, path).stdout
    p = s.admin("person", "show", mark + "1")
    assert p["name"] == "髙橋 健太郎" and p["kana"] == "タカハシ ケンタロウ"
    assert p["birth"] == "1985-04-03" and p["staff_number"] == mark + "A1047"
    q = s.admin("person", "show", mark + "2")
    assert q["name"] == "山﨑 美咲" and q["birth"] == "1990-11-08"
    assert q["affiliations"][0]["unit"] == "ICU" and q["affiliations"][0]["until"].startswith("2037-0")
    # whoever is called so has no password with it, in either form of the first character
    for typed in ("Kx7-高橋-Qz9!wvt", "Kx7-髙橋-Qz9!wvt", "Kx7-kentarou-Q9!", "Kx7!S60.4.3#Qzwv", f"Kx7-{mark}A1047-Qz9!w"):
        done = run("card-admin", "password", "set", mark + "1", input=typed + "\n", env=s.env, check=False)
        assert done.returncode == 1, typed
    run("card-admin", "password", "set", mark + "1", input="Kx7-mitsuru-Q9!w\n", env=s.env)
    # again it changes nothing
    assert "there already: 3" in take(s, path).stdout


def test_movers(s, tmp_path):
    take(s, write(tmp_path, "login,name,unit\nm1,鈴木 花子,3西\nm2,田中 一,3西\n"))
    done = take(s, write(tmp_path, "login,name,unit\nm1,佐藤 花子,ICU\nm2,田中 一,3西\n"))
    assert "added: 0, changed: 1, there already: 1" in done.stdout
    p = s.admin("person", "show", "m1")
    assert p["name"] == "佐藤 花子" and [a["unit"] for a in p["affiliations"]] == ["3西", "ICU"]
    assert s.last("m1")["reason"] == "person_affiliate"


@pytest.mark.parametrize("bad,word", [
    ("x 1,名前,", "cannot be that"),
    ("x1,名前,昭和64年1月8日", "no date"),
    ("x1,名前,2023-02-29", "no date"),
    (",名前,", "missing"),
    ("x1,,", "missing"),
    ("x1,名前,,余分", "more columns"),
    ("x1," + "あ" * 201 + ",", "too long"),
])
def test_one_bad_line_and_nothing_is_done(s, tmp_path, bad, word):
    text = "login,name,birth\ngood1,良い 人,\n" + bad + "\ngood2,良い 人,\n"
    done = take(s, write(tmp_path, text), status=1)
    assert word in done.stderr and "line 3" in done.stderr and "nothing was done" in done.stderr
    assert s.admin("person", "show", "good1", check=False).returncode == 1


def test_what_the_database_refuses(s, tmp_path):
    take(s, write(tmp_path, "login,name,staff_number\nd1,一,N1\nd9,九,N9\n"))
    s.admin("person", "leave", "d9")
    rows = ["login,name,staff_number,until,rule", "e1,二,N2,,", "e1,二,N3,,", "e2,三,N4,,", "e3,四,N4,,", "e4,五,N1,,",
            "d9,六,,,", "e5,七,,2020-01-01,", "e6,八,,,nobody", "e7,良,N7,,"]
    done = take(s, write(tmp_path, "\n".join(rows) + "\n"), status=1)
    for line, word in ((2, "twice"), (3, "twice"), (4, "number stands in the file twice"), (6, "somebody else"),
                       (7, "for good"), (8, "end is past"), (9, "no such rule")):
        assert [x for x in done.stdout.splitlines() if x.startswith(f"line {line}:") and word in x], (line, done.stdout)
    assert "refused: 8" in done.stdout and "Nothing was done" in done.stdout
    assert s.admin("person", "show", "e7", check=False).returncode == 1


def test_headings_that_say_nothing(s, tmp_path):
    assert "first line" in take(s, write(tmp_path, "a,b\nx,y\n"), status=2).stderr
    assert "first line" in take(s, write(tmp_path, "login\nx\n"), status=2).stderr
    take(s, write(tmp_path, ""), status=2)
    take(s, write(tmp_path, "login,name\n\"unclosed,x\n"), status=2)
    done = take(s, write(tmp_path, "login,name,血液型\nh1,名前,AB\n"))
    assert "血液型" in done.stderr and "added: 1" in done.stdout


def test_ten_thousand_with_one_broken_line(s, tmp_path):
    rows = ["login,name,kana,unit"] + [f"bulk{n},大量 {n},たいりょう,{n % 40}病棟" for n in range(10000)]
    broken = rows[:7777] + ["bulk 7777,大量,,"] + rows[7778:]
    done = take(s, write(tmp_path, "\n".join(broken)), status=1)
    assert "line 7778" in done.stderr
    assert s.sql("SELECT count(*) FROM sekisho.person WHERE login LIKE 'bulk%'") == "0", "nothing half done"
    assert "added: 10000" in take(s, write(tmp_path, "\n".join(rows))).stdout
    assert s.sql("SELECT count(*) FROM sekisho.person p JOIN sekisho.affiliation a ON a.person_id = p.id "
                 "WHERE p.login LIKE 'bulk%'") == "10000"
