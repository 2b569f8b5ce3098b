"""Jobs of the night that are no app's own."""

from __future__ import annotations

from django_tasks import task

from rukun.server.retention import run_retention


@task()
def retention() -> dict[str, int]:
    """Delete what is past its time; how many of what."""
    return dict(run_retention().counts)
