"""A field app, what it sends, and what a refusal must look like."""

import datetime as dt
import json
import uuid

from django.test import Client

from rukun.server.people import services as people


class Device:
    """A field app with a token."""

    def __init__(self, user):
        self.client = Client()
        self.token = people.register_device(user, "phone")[1]

    def __call__(self, method, path, body=None, **headers):
        more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(
            f"/api/v1{path}", **more, headers={"Authorization": f"Bearer {self.token}", **headers}
        )


def plain(given, kind=None):
    """What a device files, as JSON."""
    body = {name: value for name, value in vars(given).items()}
    body |= {name: str(value) for name, value in body.items() if isinstance(value, uuid.UUID)}
    body |= {name: value.isoformat() for name, value in body.items() if isinstance(value, dt.date)}
    return body if kind is None else {"kind": kind, **body}


def is_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["type"].startswith("/problems/") and body["title"]
    return body
