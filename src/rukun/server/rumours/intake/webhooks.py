"""Addresses that message services call. Only who knows the secret is heard; each is closed until a secret is set."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rukun.server.rumours.intake import payloads
from rukun.server.rumours.intake.receiving import Received, take
from rukun.server.rumours.intake.signatures import same, signed
from rukun.server.rumours.states import Channel

MOST_BYTES = 1 << 20


@csrf_exempt
@require_http_methods(["GET", "POST"])
def whatsapp(request: HttpRequest) -> HttpResponse:
    """WhatsApp Cloud API: GET proves to Meta that the address is ours, POST brings messages."""
    hook = settings.RUKUN_HOOKS["whatsapp"]
    _require_open(hook["secret"])
    if request.method == "GET":
        known = same(request.GET.get("hub.verify_token", ""), hook["verify"])
        if request.GET.get("hub.mode") != "subscribe" or not known:
            return HttpResponse(status=403)
        return HttpResponse(request.GET.get("hub.challenge", "")[:200], content_type="text/plain; charset=utf-8")
    if _too_big(request):
        return HttpResponse(status=413)
    if not signed(request.body, request.headers.get("X-Hub-Signature-256", ""), hook["secret"]):
        return HttpResponse(status=403)
    return _taken(request.body, payloads.from_whatsapp, Channel.WHATSAPP)


@csrf_exempt
@require_http_methods(["POST"])
def telegram(request: HttpRequest) -> HttpResponse:
    """Telegram Bot API: the secret token that was given to setWebhook comes with each update."""
    return _with_token(request, request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), "telegram")


@csrf_exempt
@require_http_methods(["POST"])
def rapidpro(request: HttpRequest) -> HttpResponse:
    """RapidPro: its flows sign nothing, but send what header they are told: `Authorization: Token SECRET`."""
    given = request.headers.get("Authorization", "").removeprefix("Token ")
    return _with_token(request, given, "rapidpro")


_READ: dict[str, tuple[Callable[..., list[Received]], Channel]] = {
    "telegram": (payloads.from_telegram, Channel.TELEGRAM),
    "rapidpro": (payloads.from_rapidpro, Channel.RAPIDPRO),
}


def _with_token(request: HttpRequest, given: str, service: str) -> HttpResponse:
    secret = settings.RUKUN_HOOKS[service]["secret"]
    _require_open(secret)
    if _too_big(request):
        return HttpResponse(status=413)
    if not same(given, secret):
        return HttpResponse(status=403)
    return _taken(request.body, *_READ[service])


def _taken(body: bytes, read: Callable[..., list[Received]], channel: Channel) -> HttpResponse:
    try:
        received = read(body, timezone.now())
    except payloads.Unreadable:
        return HttpResponse(status=400)
    if received:
        take(channel, received)
    # also for what holds nothing for us: anything else is sent again and again
    return HttpResponse(status=200)


def _require_open(secret: str) -> None:
    if not secret:
        raise Http404


def _too_big(request: HttpRequest) -> bool:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return not length.isdigit() or int(length) > MOST_BYTES
