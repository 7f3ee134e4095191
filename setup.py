"""cloudboot/datasources and cloudboot/modules are links to the top-level folders, so one search finds every package."""

import json
import os
import sys

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class BuildWithIndex(build_py):
    """Beside the files goes the index of plug-ins, from which a boot knows what is due before it imports anything."""

    def run(self):
        super().run()
        if getattr(self, "editable_mode", False):
            return  # a checkout reads the folders: an index would go stale with every edit
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        from cloudboot import registry

        with open(os.path.join(self.build_lib, "cloudboot", "index.json"), "w") as file:
            json.dump(registry.index(), file, separators=(",", ":"))


setup(packages=find_packages(include=["cloudboot", "cloudboot.*"]), cmdclass={"build_py": BuildWithIndex})
