#!/usr/bin/env python3
"""利用者の削除: accounts of people who leave are closed and put aside, as a personnel file says.

    scripts/offboard_users.py 人事異動.csv [--on 2027-04-01]    requests and plans, and shows the plan
    scripts/offboard_users.py C12                             runs it after another person has approved it

The options are those of `daicho people request` and `daicho run`.
"""

from __future__ import annotations

import sys

from daicho.cli.people import errand

if __name__ == "__main__":
    sys.exit(errand("offboard_users", sys.argv[1:]))
