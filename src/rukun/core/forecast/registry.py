"""The models by the names they have on the command line and in tables."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from rukun.core.forecast.ensemble import Ensemble
from rukun.core.forecast.interface import Forecaster

#: Where each model is; they are imported when asked for, as some need libraries that others don't.
_PLACES = {
    "mean": ("baselines", "HistoricalMean"),
    "smoothing": ("smoothing", "Smoothing"),
    "kernel": ("hotspot", "KernelDensity"),
    "near_repeat": ("near_repeat", "NearRepeat"),
    "seasonal": ("seasonal", "Seasonal"),
    "endemic_epidemic": ("endemic_epidemic", "EndemicEpidemic"),
    "boosting": ("boosting", "Boosting"),
}
ENSEMBLE = "ensemble"
MODELS = (*_PLACES, ENSEMBLE)
#: Members of the ensemble unless others are named; one that refuses the data is left out of it.
MEMBERS = ("endemic_epidemic", "smoothing", "kernel", "near_repeat", "seasonal", "boosting", "mean")
#: The library a model needs beyond those always installed, and the extra that brings it.
_NEEDS: dict[str, tuple[str, str]] = {"boosting": ("lightgbm", "boosting")}


class UnknownModelError(ValueError):
    """A model of another name was asked for."""

    def __init__(self, name: str) -> None:
        """Of that name."""
        super().__init__(f'there is no model "{name}"; there are {", ".join(MODELS)}')


def missing_library(name: str) -> str | None:
    """What to install for that model, or None where nothing lacks."""
    library, extra = _NEEDS.get(name, ("", ""))
    return f"pip install 'rukun[{extra}]'" if library and find_spec(library) is None else None


def model_named(name: str, members: Sequence[str] = MEMBERS) -> Forecaster:
    """The model of that name with its default settings; members: names of an ensemble's.

    A member whose library isn't installed is left out of the ensemble; `missing_library` says which.
    Raises UnknownModelError.
    """
    if name == ENSEMBLE:
        return Ensemble(tuple(model_named(member) for member in members if missing_library(member) is None))
    if name not in _PLACES:
        raise UnknownModelError(name)
    module, kind = _PLACES[name]
    made: Forecaster = getattr(import_module(f"rukun.core.forecast.{module}"), kind)()
    return made
