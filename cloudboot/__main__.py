"""``python -m cloudboot``."""

import sys

from cloudboot.cli import main

sys.exit(main())
