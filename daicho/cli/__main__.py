"""`python -m daicho.cli`."""

from __future__ import annotations

import sys

from daicho.cli.edge import main

sys.exit(main())
