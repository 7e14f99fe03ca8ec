#!/usr/bin/env python3
"""利用者の登録: accounts for people who join or come back, as a personnel file says.

    scripts/onboard_users.py 人事異動.csv [--on 2027-04-01]    requests and plans, and shows the plan
    scripts/onboard_users.py C12                             runs it after another person has approved it

The options are those of `daicho people request` and `daicho run`.
"""

from __future__ import annotations

import sys

from daicho.cli.people import errand

if __name__ == "__main__":
    sys.exit(errand("onboard_users", sys.argv[1:]))
