"""`fallback`: writes the document that answers callers when this service does not."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ivr.app import fallback_writer
from ivr.call_flow.model import Line, Routing
from ivr.carrier.fallback import LARGEST_BIN, Document
from ivr.routing.whole_file import write_whole

from .live_routing import live_routing, the_settings


@click.command("fallback")
@click.option("--line", "name", metavar="NAME", help="One line; all of them if left out.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="A folder: one file a line, fallback-LINE.xml."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with the documents and what was left out.")
@click.pass_context
def command(ctx: click.Context, name: str | None, output: Path | None, *, as_json: bool) -> None:
    """Write one static document a line from what is live here: 911 and 988, an apology, the phones in turn, goodbye.

    Host it where this service is not, such as in a TwiML Bin of the same account, say where in FALLBACK_URL, then run
    provision. When the phones change, write it anew; the doctor tells you when it is time. docs/going-live.md goes
    through it step by step.

    \b
    python -m ivr fallback
    python -m ivr fallback --output fallback
    python -m ivr call --document fallback/fallback-main.xml
    """
    settings = the_settings()
    routing = live_routing(settings)
    writer = fallback_writer(settings)
    documents = [writer.write(routing, line, settings.fallback_of(line.name)) for line in _lines(routing, name)]
    if as_json:
        click.echo(json.dumps([_data(each) for each in documents], ensure_ascii=False, indent=2))
    for each in documents:
        if output:
            _write(output, each)
        elif not as_json:
            click.echo(each.text)
        _tell(each)
    ctx.exit(1 if any(each.fault for each in documents) else 0)


def _lines(routing: Routing, name: str | None) -> list[Line]:
    if name is None:
        return list(routing.lines.values())
    if name not in routing.lines:
        raise click.BadParameter(
            f"There is no line {name!r}. There is: {', '.join(routing.lines)}.", param_hint="--line"
        )
    return [routing.lines[name]]


def _write(folder: Path, document: Document) -> None:
    path = folder / f"fallback-{document.line}.xml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, document.text.encode(), mode=0o644)
    except OSError as fault:
        raise click.ClickException(f"{path} cannot be written: {fault.strerror}.") from None
    click.echo(str(path), err=True)


def _tell(document: Document) -> None:
    """To the error stream, so that the document alone can be piped."""
    takes = "a TwiML Bin" if document.largest == LARGEST_BIN else "Twilio"
    size = f"{document.bytes:,} of the {document.largest:,} bytes that {takes} takes"
    click.echo(f"The line {document.line}: {len(document.phones)} phones in turn, {size}.", err=True)
    for part in document.left_out:
        click.secho(f"Left out to make it fit: {part}.", fg="yellow", err=True)
    if document.fault:
        click.secho(document.fault, fg="red", err=True)


def _data(document: Document) -> dict[str, object]:
    return {
        "line": document.line,
        "bytes": document.bytes,
        "phones": [{"name": phone.name, "number": phone.number} for phone in document.phones],
        "left_out": list(document.left_out),
        "fault": document.fault,
        "document": document.text,
    }
