"""A ministry's personnel file within the bounds of the design; CPU seconds, because machines are shared."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from daicho.people.known import Known
from daicho.people.movement import PersonName
from daicho.people.naming import Names
from daicho.people.outlook import Office, outlook
from daicho.people.reading import movements_from
from lab.population import population
from tests import personnel
from tests.cost import cost

_ROOT = Path(__file__).parents[2]
_READ = """
import sys
from pathlib import Path
from daicho.people.reading import read_movements
from tests import personnel

assert len(read_movements(Path(sys.argv[1]), personnel.policy())) == 15_000
"""
_ALL = personnel.Turnout(joining=3000, moving=9000, leaving=2000, rehired=900, temporary=100)
_MANY = personnel.Turnout(joining=600, moving=2000, leaving=250, rehired=100, temporary=50)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["cp932.csv", "utf8.csv", "book.xlsx"])
def test_fifteen_thousand_rows_are_read_in_three_seconds(tmp_path: Path, name: str) -> None:
    notice = personnel.notice(population(15_000), _ALL)
    assert len(notice.rows) == 15_000
    forms = {"cp932.csv": notice.separated, "utf8.csv": lambda: notice.separated("utf-8")}
    (tmp_path / name).write_bytes(forms.get(name, notice.workbook)())
    took = cost([sys.executable, "-c", _READ, str(tmp_path / name)], {**os.environ, "PYTHONPATH": str(_ROOT)})
    assert took.status == 0
    assert took.seconds < 3
    assert took.megabytes < 200


def test_three_thousand_rows_against_fifteen_thousand_accounts() -> None:
    policy, staff = personnel.policy(), population(15_000)
    notice = personnel.notice(staff, _MANY)
    retired = {each.number for each in notice.retired}
    names = Names(policy.naming, [])
    known: list[Known] = []
    for each in staff:
        name = PersonName(
            family=each.family,
            given=each.given,
            family_kana=each.family_kana,
            given_kana=each.given_kana,
        )
        account, left = names.account(name, each.number), each.number in retired
        known.append(
            Known(
                number=each.number,
                account=account,
                mail=f"{account}@office.example.jp",
                common_name=names.common_name(name.full, account),
                name=name,
                section=each.section,
                enabled=not left,
                left=left,
                groups=frozenset() if left else policy.sections.groups(each.section),
            )
        )
    movements = movements_from(notice.separated(), "a.csv", policy)
    begin = time.process_time()
    found = outlook(movements, Office(policy=policy, known=known), date(2027, 4, 30))
    assert time.process_time() - begin < 1.5
    assert len(found.today) == 3000
    taken = {each.account for each in known}
    new = [step.profile.account for step in found.today if not step.exists]
    assert len(set(new)) == len(new) == 650
    assert not taken & set(new)
