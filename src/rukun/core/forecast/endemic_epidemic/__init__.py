"""The endemic-epidemic model: baseline, own history and neighbours, with everything estimated that can be."""

from rukun.core.forecast.endemic_epidemic.model import EndemicEpidemic, FittedEndemicEpidemic
from rukun.core.forecast.endemic_epidemic.settings import AROUND, ENDEMIC, OWN, Settings

__all__ = ["AROUND", "ENDEMIC", "OWN", "EndemicEpidemic", "FittedEndemicEpidemic", "Settings"]
