"""cloudboot: the first-boot agent that shows a plan before it acts."""

__version__ = "0.1.0"
