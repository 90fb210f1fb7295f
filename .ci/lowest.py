"""Print the lowest versions that pyproject declares, as constraints for pip.

They are read from the installed package, so that they cannot drift from what pyproject says.
"""

from importlib.metadata import requires

from packaging.requirements import Requirement

lowest = set()
for line in requires("spacy-pickled-ner") or ():
    requirement = Requirement(line)
    bounds = [spec.version for spec in requirement.specifier if spec.operator == ">="]
    lowest |= {f"{requirement.name}=={bound}" for bound in bounds}
print("\n".join(sorted(lowest)))
