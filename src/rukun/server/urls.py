"""Addresses."""

from allauth.account import views as signing
from django.urls import URLPattern, URLResolver, include, path

from rukun.server.api import api
from rukun.server.forecasts.views import newest
from rukun.server.health import health
from rukun.server.interface.views import home
from rukun.server.oversight.views import trail
from rukun.server.people import posting_views, unit_views
from rukun.server.people import views as people
from rukun.server.people.village_views import territory
from rukun.server.prevention import views as prevention
from rukun.server.problems import not_offered
from rukun.server.reports import views as reports
from rukun.server.rumours.intake import webhooks

_NOT_OFFERED = {
    "signup": "account_signup",
    "email": "account_email",
    "confirm-email": "account_email_verification_sent",
    "password/set": "account_set_password",
    "password/reset": "account_reset_password",
    "login/code": "account_request_login_code",
    "login/code/confirm": "account_confirm_login_code",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new", reports.report_new, name="report_new"),
    path("reports/<uuid:report_id>", reports.report_page, name="report"),
    path("reports/<uuid:report_id>/photos/<uuid:photo_id>", reports.photo, name="photo"),
    path("review/", reports.review_list, name="review"),
    path("visits/", reports.visit_list, name="visits"),
    path("visits/new", reports.visit_new, name="visit_new"),
    path("reports/<uuid:report_id>/task", prevention.task_new, name="task_new"),
    path("tasks/", prevention.task_list, name="tasks"),
    path("tasks/<uuid:task_id>", prevention.task_page, name="task"),
    path("outcomes/", prevention.outcome_list, name="outcomes"),
    path("forecasts/", newest, name="forecasts"),
    path("territory/", territory, name="territory"),
    path("people/", people.people, name="people"),
    path("people/new", people.account_new, name="account_new"),
    path("people/<int:user_id>", people.account, name="account"),
    path("people/<int:user_id>/post", posting_views.post_account, name="post_account"),
    path("people/postings/<int:posting_id>", posting_views.posting, name="posting"),
    path("people/postings/<int:posting_id>/transfer", posting_views.transfer, name="transfer"),
    path("units/", unit_views.unit_list, name="units"),
    path("new-unit", unit_views.unit_new, name="unit_new"),
    path("units/<slug:unit_code>", unit_views.unit, name="unit"),
    path("units/<slug:unit_code>/post", posting_views.post_at_unit, name="post_at_unit"),
    path("hooks/whatsapp", webhooks.whatsapp, name="hook_whatsapp"),
    path("hooks/telegram", webhooks.telegram, name="hook_telegram"),
    path("hooks/rapidpro", webhooks.rapidpro, name="hook_rapidpro"),
    path("devices/", people.devices, name="devices"),
    path("audit/", trail, name="audit"),
    path("accounts/login/", signing.login, name="account_login"),
    path("accounts/logout/", signing.logout, name="account_logout"),
    path("accounts/inactive/", signing.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", signing.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", signing.password_change, name="account_change_password"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    # the library asks for these addresses by name, but here nobody signs up and no mail is sent
    *(path(f"accounts/{where}/", not_offered, name=name) for where, name in _NOT_OFFERED.items()),
    path("api/v1/", api.urls),
    path("health", health, name="health"),
]

handler404 = "rukun.server.problems.missing"
handler500 = "rukun.server.faults.broken"
