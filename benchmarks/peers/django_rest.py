"""Django REST framework: serializers that check, and `bulk_create(ignore_conflicts=True)`, in one file."""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.urls import path

_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("PEER_SQLITE_FILE", ""),
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
    },
}
_POSTGRESQL = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": os.environ.get("PEER_DATABASE_NAME", ""),
    "USER": os.environ.get("PEER_DATABASE_USER", ""),
    "HOST": os.environ.get("PEER_DATABASE_HOST", ""),
    "CONN_MAX_AGE": None,
}

settings.configure(
    DEBUG=False,
    SECRET_KEY="a secret of the benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": _SQLITE if "PEER_SQLITE_FILE" in os.environ else _POSTGRESQL},
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

# It reads the settings while it is imported, so these stand behind them.
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Entry(models.Model):
    """A stored lead."""

    list_id = models.BigIntegerField()
    key = models.TextField()
    lead = models.JSONField()

    class Meta:
        """Where it is stored."""

        app_label = "peer"
        constraints = (models.UniqueConstraint(fields=["list_id", "key"], name="entries_key"),)


class LeadSerializer(serializers.Serializer):
    """A lead's known fields."""

    email = serializers.EmailField()
    linkedin_url = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    title = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    company_name = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    company_domain = serializers.CharField(required=False, allow_null=True, allow_blank=True)


class NewLeadsSerializer(serializers.Serializer):
    """The body of a request."""

    type = serializers.ChoiceField(choices=["email"])
    leads = serializers.ListField(child=LeadSerializer(), max_length=10_000)


class Leads(APIView):
    """The leads of a list."""

    def post(self, request: Request, list_id: int) -> Response:
        """Adds what is new. What was ignored is not told by `bulk_create`, so it is counted."""
        checked = NewLeadsSerializer(data=request.data)
        checked.is_valid(raise_exception=True)
        sent: list[dict[str, Any]] = request.data["leads"]
        known = checked.validated_data["leads"]
        entries = [
            Entry(list_id=list_id, key=lead["email"].lower(), lead=raw)
            for lead, raw in zip(known, sent, strict=True)
        ]
        with transaction.atomic():
            before = Entry.objects.filter(list_id=list_id).count()
            Entry.objects.bulk_create(entries, ignore_conflicts=True)
            added = Entry.objects.filter(list_id=list_id).count() - before
        return Response({"total": len(sent), "added": added}, status=202)


urlpatterns = [path("lists/<int:list_id>/leads", Leads.as_view())]
with connection.schema_editor() as editor:
    editor.create_model(Entry)
connection.close()
application = get_wsgi_application()
