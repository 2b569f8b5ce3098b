"""Jobs of the rumour desk: what takes longer than a page may."""

from __future__ import annotations

from typing import Any

from django_tasks import task
from django_tasks_db.models import DBTaskResult

from rukun.server.rumours import escalating


@task()
def escalate() -> int:
    """Tell the directorate of passed deadlines; how many."""
    return escalating.escalate()


def soon(job: Any) -> None:
    """Put a job in the queue unless it waits there already: a thousand messages at once are one job."""
    if not DBTaskResult.objects.ready().filter(task_path=job.module_path).exists():
        job.enqueue()
