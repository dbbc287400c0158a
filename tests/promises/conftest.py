"""A house of its own: it must not stand while that of the integration tests does, for both are
moto's.
"""

from tests.faults.conftest import _empty, patient

__all__ = ["_empty", "patient"]
