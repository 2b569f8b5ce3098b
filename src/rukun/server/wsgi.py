"""What the web server calls."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rukun.server.settings")
application = get_wsgi_application()
# loaded before the first request and not by it: a worker that was started anew answers at once
_ = get_resolver().url_patterns
