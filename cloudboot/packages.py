"""Other people's packages, looked for when the first of them is asked for.

``site``, which tells Python where they are, is a sixth of the interpreter's start, and most command lines ask for none.
The launcher starts Python without it (``-S``).
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence


class Late:
    """Comes after all other finders: at the first name that none of them knows, ``site`` does what it does."""

    def find_spec(self, name: str, path: Optional[Sequence[str]] = None, target: Any = None) -> Any:
        if path is not None:  # a part of a package, which has said where its parts are
            return None
        finder: Any = self
        sys.meta_path.remove(finder)
        import site

        site.main()
        return next(filter(None, (other.find_spec(name, path, target) for other in sys.meta_path)), None)


def use() -> None:
    if sys.flags.no_site:
        finder: Any = Late()
        sys.meta_path.append(finder)
