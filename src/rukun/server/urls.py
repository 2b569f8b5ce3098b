"""Addresses."""

from django.urls import URLPattern, URLResolver, include, path

from rukun.server.api import api
from rukun.server.forecasts.views import newest
from rukun.server.health import health
from rukun.server.interface.views import home
from rukun.server.oversight.views import trail
from rukun.server.people.views import people
from rukun.server.people.village_views import territory
from rukun.server.reports import views as reports

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new", reports.report_new, name="report_new"),
    path("reports/<uuid:report_id>", reports.report_page, name="report"),
    path("reports/<uuid:report_id>/photos/<uuid:photo_id>", reports.photo, name="photo"),
    path("review/", reports.review_list, name="review"),
    path("visits/", reports.visit_list, name="visits"),
    path("visits/new", reports.visit_new, name="visit_new"),
    path("forecasts/", newest, name="forecasts"),
    path("territory/", territory, name="territory"),
    path("people/", people, name="people"),
    path("audit/", trail, name="audit"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("health", health, name="health"),
]
