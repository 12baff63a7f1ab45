"""A client that a generator makes of the document works against the service."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.served import Served

from leadyard.api.openapi.document import encoded_document
from leadyard.domain.capacity import Limits

PACKAGE = "generated_leadyard_client"
GENERATOR = Path(sys.executable).with_name("openapi-python-client")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_bytes(encoded_document(Limits(), 64 * 1024 * 1024))
    (folder / "settings.yml").write_text("post_hooks: []\n")
    arguments = ["--path", "openapi.json", "--meta", "none", "--output-path", PACKAGE]
    done = subprocess.run(
        [GENERATOR, "generate", *arguments, "--config", "settings.yml", "--fail-on-warning"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def models(generated: str) -> Any:
    return importlib.import_module(f"{generated}.models")


@pytest.fixture
def http(generated: str, served: Served) -> Iterator[Any]:
    package = importlib.import_module(generated)
    with package.AuthenticatedClient(base_url=served.url, token=TEST_KEY) as http:
        yield http


def operation(generated: str, name: str) -> Any:
    return importlib.import_module(f"{generated}.api.{name}")


def email_leads(models: Any, *emails: str) -> list[Any]:
    return [models.Lead.from_dict({"email": email, "campaign": "spring"}) for email in emails]


def create_list(generated: str, models: Any, http: Any, *emails: str) -> Any:
    body = models.CreateLeadListBody(
        shared=True,
        owner=ADMIN_EMAIL,
        type_=models.CreateLeadListBodyType.EMAIL,
        leads=email_leads(models, *emails),
        options=models.LeadListOptionsBody(enrich=True),
    )
    created = operation(generated, "lead_list.create_lead_list").sync(client=http, body=body)
    assert isinstance(created, models.LeadList)
    return created


def add_leads(generated: str, models: Any, http: Any, list_id: Any, *emails: str) -> Any:
    body = models.AddLeadsBody(type_=models.AddLeadsBodyType.EMAIL, leads=email_leads(models, *emails))
    return operation(generated, "lead_list.add_leads").sync_detailed(id=str(list_id), client=http, body=body)


def test_a_list_is_created_filled_and_read_back(generated: str, models: Any, http: Any) -> None:
    created = create_list(generated, models, http, "jane@example.com")
    answer = add_leads(generated, models, http, created.id, "joe@example.com", "JANE@example.com")
    assert answer.status_code == 202
    assert answer.parsed == models.AddedLeads(total=2, total_added_to_lead_list=1)

    found = operation(generated, "lead_list.get_lead_list").sync(id=str(created.id), client=http, pagesize=10)
    assert isinstance(found, models.LeadList)
    assert found.progress.total == 2
    assert [entry.email for entry in found.leads] == ["jane@example.com", "joe@example.com"]
    assert found.leads[0].data.to_dict() == {"campaign": "spring"}
    assert found.created_at == created.created_at


def test_what_became_of_each_lead_is_read(generated: str, models: Any, http: Any) -> None:
    created = create_list(generated, models, http, "jane@example.com")
    answer = add_leads(generated, models, http, created.id, "jane@example.com")
    addition_id = answer.headers["location"].rpartition("/")[2]
    addition = operation(generated, "leads.get_addition").sync(
        id=str(created.id), addition_id=addition_id, client=http
    )
    assert isinstance(addition, models.Addition)
    assert addition.counts.duplicate_in_list == 1
    assert addition.leads[0].outcome == models.LeftOutLeadOutcome.DUPLICATE_IN_LIST


def test_a_refusal_is_a_typed_error(generated: str, models: Any, http: Any) -> None:
    created = create_list(generated, models, http)
    answer = add_leads(generated, models, http, created.id, "jane@example.com", "nobody")
    assert answer.status_code == 400
    assert isinstance(answer.parsed, models.ResponseErrorsObject)
    (error,) = answer.parsed.field_errors
    assert (error.code, error.source.pointer) == ("unsupported_value", "/leads/1/email")


def test_an_absent_list_is_a_typed_error(generated: str, models: Any, http: Any) -> None:
    answer = add_leads(generated, models, http, "no-such-list", "jane@example.com")
    assert answer.status_code == 404
    assert answer.parsed.field_errors[0].title == "Not Found"
