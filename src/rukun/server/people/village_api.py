"""Endpoints of the territory."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from rukun.server.people.asking import scope
from rukun.server.problems import ERRORS

router = Router()
Code = Annotated[str, Field(max_length=13, pattern=r"^[\d.]*$")]


class AreaOut(Schema):
    """A village in scope."""

    code: str
    name: str
    kind: str
    population: int | None
    latitude: float | None
    longitude: float | None
    exercise: bool


@router.get("/villages", response={200: list[AreaOut], **ERRORS})
def list_villages(request: HttpRequest, subdistrict: Code = "") -> Any:
    """Villages in scope; of one subdistrict (or anything above) when its code is given."""
    found = scope(request).villages.defer("geometry").order_by("code")
    if subdistrict:
        found = found.filter(code__startswith=f"{subdistrict.rstrip('.')}.")
    return [AreaOut.from_orm(area) for area in found]


@router.get("/villages/{code}/shape", response={200: dict[str, Any], **ERRORS})
def get_shape(request: HttpRequest, code: Code) -> Any:
    """The outline of a village in scope as a GeoJSON feature; geometry is null where it isn't known."""
    area = scope(request).villages.get(code=code)
    return {"type": "Feature", "properties": {"code": area.code, "name": area.name}, "geometry": area.geometry}
