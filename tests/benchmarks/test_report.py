from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from benchmarks.report import Line, at_least, at_most
from benchmarks.rig import Rig

from benchmarks import __main__ as program


def line(value: float | None, least: float) -> Line:
    return Line("adding", "ratio", "sqlite", value, "×", at_least(least))


def test_targets_are_met_at_their_bound() -> None:
    assert at_most(1.4).is_met(1.4)
    assert not at_most(1.4).is_met(1.41)
    assert at_least(8).is_met(8)
    assert not at_least(8).is_met(7.9)


def test_figure_that_could_not_be_had_misses_its_target() -> None:
    assert line(None, 8).is_missed
    assert line(None, 8).verdict == "FAILED"
    assert not Line("adding", "told only", "sqlite", 3.0, "ms").is_missed


@pytest.mark.parametrize(("value", "status"), [(9.0, 0), (7.0, 1)])
def test_program_fails_when_a_target_is_missed(
    value: float,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def measure(rig: Rig) -> list[Line]:
        return [Line("adding", "ratio", rig.database, value, "×", at_least(8))]

    monkeypatch.setitem(program.SUBJECTS, "adding", measure)
    file = tmp_path / "out/benchmark.json"
    assert program.main(["--only", "adding", "--database", "sqlite", "--json", str(file)]) == status
    (told,) = json.loads(file.read_text())["lines"]
    assert (told["value"], told["target"]) == (value, "≥ 8")
    assert ("MISSED adding, SQLite: ratio" in capsys.readouterr().out) is bool(status)


def test_what_goes_wrong_is_a_line_and_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(_rig: Rig) -> list[Line]:
        raise RuntimeError("away")

    monkeypatch.setitem(program.SUBJECTS, "adding", measure)
    rig = Rig("sqlite", tmp_path, SimpleNamespace())  # type: ignore[arg-type]
    (told,) = program.run(rig, "adding")
    assert told.is_missed
    assert "away" in told.detail
