"""`leadyard find` and `leadyard verify`: one person, and the verdict on e-mails."""

from __future__ import annotations

import click

from leadyard.cli.leads import read_arguments
from leadyard.cli.remote import Remote, remote_command
from leadyard.cli.terminal import printable, show_progress
from leadyard_client import Person

POLL_SECONDS = 0.5


@click.command()
@click.argument("who", required=False)
@click.option("--name", help="The name of the person, with a company.")
@click.option("--title", help="The title of the person, with a company.")
@click.option("--company", "company_name", help="The name of the company.")
@click.option("--domain", "company_domain", help="The domain of the company.")
@click.option("--reveal-email", is_flag=True, help="Reveal the e-mail, for a credit.")
@click.option("--reveal-phone", is_flag=True, help="Reveal phone numbers, for a credit.")
@remote_command
def find(
    remote: Remote, who: str | None, reveal_email: bool, reveal_phone: bool, **clues: str | None
) -> None:
    """Find one person: WHO is an e-mail or a LinkedIn URL; or give a name or title, and a company.

    A person that is found costs half an e-mail credit, once a day.
    """
    is_email = who is not None and "@" in who and "/" not in who
    person = remote.leadyard.find_person(
        email=who if is_email else None,
        linkedin_url=None if is_email else who,
        **clues,
        reveal_email=reveal_email,
        reveal_phone_numbers=reveal_phone,
    )
    remote.show(person, describe(person))


@click.command()
@click.argument("emails", nargs=-1, required=True)
@remote_command
def verify(remote: Remote, emails: tuple[str, ...]) -> None:
    """Say of e-mails whether mail to them arrives; - reads more EMAILS from standard input, one a line.

    Prints the e-mail, the verdict, and whether its host takes any mailbox. Each costs an e-mail credit.
    """
    started = remote.leadyard.start_validation(read_arguments(emails))
    with show_progress("Asking"):
        ended = remote.leadyard.wait(started, poll_seconds=POLL_SECONDS)
    remote.show_all(
        remote.leadyard.list_validation_results(ended.id),
        ("E-mail", "Verdict", ""),
        lambda each: (each.email, each.result, "catch-all" if each.catch_all else ""),
    )
    for fault in ended.errors:
        click.echo(fault.detail, err=True)


def describe(person: Person) -> str:
    """A person as lines of text, of what is known."""
    company = person.company
    lines = {
        "Name": person.name,
        "Title": person.title,
        "Company": ", ".join(each for each in (company.name, company.domain) if each),
        "E-mail": person.email,
        "Phone": ", ".join(f"{each.number} ({each.type})" for each in person.phone_numbers),
        "LinkedIn": person.linkedin_url,
        "Location": person.location,
        "Id": person.id,
    }
    return "\n".join(f"{name:8} {printable(value)}" for name, value in lines.items() if value)
