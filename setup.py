"""cloudboot/datasources and cloudboot/modules are links to the top-level folders, so one search finds every package."""

from setuptools import find_packages, setup

setup(packages=find_packages(include=["cloudboot", "cloudboot.*"]))
