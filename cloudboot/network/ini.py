"""Files of sections with keys, as systemd and NetworkManager read them."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Optional, Tuple


class Ini:
    """Sections in the order in which they are first named. Some occur once, and keys are added to them; a section
    made by `new` stands for itself."""

    def __init__(self) -> None:
        self._sections: List[Tuple[str, List[Tuple[str, str]]]] = []

    def add(self, section: str, key: str, value: Optional[object]) -> None:
        """Adds a line to the one section of this name; nothing where the value is None or empty. True and false are
        yes and no."""
        if value is None or value == "":
            return
        lines = next((lines for name, lines in self._sections if name == section), None)
        if lines is None:
            lines = self.new(section)
        lines.append((key, ("yes" if value else "no") if isinstance(value, bool) else str(value)))

    def new(self, section: str, *lines: Tuple[str, Optional[object]]) -> List[Tuple[str, str]]:
        """A further section of this name, with what is not None or empty of ``lines``."""
        kept = [(key, ("yes" if v else "no") if isinstance(v, bool) else str(v)) for key, v in lines
                if v is not None and v != ""]  # fmt: skip
        self._sections.append((section, kept))
        return kept

    def has(self, section: str) -> bool:
        return any(name == section for name, _ in self._sections)

    def text(self, head: str = "") -> str:
        blocks = [f"[{name}]\n" + "".join(f"{k}={v}\n" for k, v in lines) for name, lines in self._sections]
        return head + "\n".join(blocks)
