"""Units, accounts, postings, and what each of them may see."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Who is responsible for which villages, when."""

    name = "rukun.server.people"
    label = "people"
    verbose_name = "Satuan dan penugasan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Signing in goes into the trail."""
        from rukun.server.people.signing import listen

        listen()
