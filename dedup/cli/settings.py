"""Settings from the defaults, a settings file, and the command line, in that order."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path
from typing import Any

from dedup.candidates.bands import choose_bands
from dedup.config import BAND_PRESETS, Fields, Reading, Settings
from dedup.corpus.presets import PARTS
from dedup.errors import InputError, SettingsError
from dedup.rule import RULES, Rule

_FILES = (("dedup.toml", ()), ("pyproject.toml", ("tool", "dedup")))
_GROUPS = {"rule": Rule, "reading": Reading, "fields": Fields}
_IN_TOML: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string in quotes",
    tuple: 'a list of strings, such as ["*.jsonl"]',
    Fields: "a table, [reading.fields]",
    Reading: "a table, [reading]",
    Rule: f"a table, [rule], or one of {', '.join(RULES)} in quotes",
}
"""What a settings file may say, by the kind of the setting."""


def build_settings(options: dict[str, Any]) -> Settings:
    """Return the settings of a run.

    Parameters
    ----------
    options : dict
        Values of command-line options by name; None where an option was not given.

    Raises
    ------
    SettingsError
        If a settings file has an unknown name or a value of the wrong kind.
    """
    settings = _from_file(Path.cwd())
    given = {name: value for name, value in options.items() if value not in (None, ())}
    fields = {part: given[f"{part}_field"] for part in PARTS if f"{part}_field" in given}
    if "preset" in given:
        fields["preset"] = given["preset"]
    reading: dict[str, Any] = {
        f.name: given[f.name] for f in dataclasses.fields(Reading) if f.name in given
    }
    reading["fields"] = dataclasses.replace(settings.reading.fields, **fields)
    direct = _named(Settings, given) | _banding(given, settings)
    direct["rule"] = _rule(given, settings.rule)
    return dataclasses.replace(
        settings, reading=dataclasses.replace(settings.reading, **reading), **direct
    )


def _named(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    """Return the given values that are fields of a settings class."""
    return {f.name: given[f.name] for f in dataclasses.fields(kind) if f.name in given}


def _rule(given: dict[str, Any], rule: Rule) -> Rule:
    """Return the rule that options ask for: one by name, single scores over it."""
    rule = RULES[given["rule_name"]] if "rule_name" in given else rule
    if "near_jaccard" in given:
        rule = rule.near_from(given["near_jaccard"])
    return dataclasses.replace(rule, **_named(Rule, given))


def _banding(given: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return signature size, bands and rows that options ask for."""
    found: dict[str, Any] = {}
    if "lsh_preset" in given:
        found = dict(
            zip(("num_perm", "bands", "rows"), BAND_PRESETS[given["lsh_preset"]], strict=True)
        )
    if "similarity" in given:
        num_perm = found.get("num_perm", settings.num_perm)
        found["bands"], found["rows"] = choose_bands(given["similarity"], num_perm)
    return found


def _from_file(folder: Path) -> Settings:
    """Return the settings of ``dedup.toml``, else of ``[tool.dedup]``, else the defaults."""
    for name, keys in _FILES:
        path = folder / name
        try:
            table: Any = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            continue
        except OSError as error:
            if keys and path.is_dir():
                continue
            message = f"{path}: settings cannot be read from it: {error.strerror}"
            raise InputError(message) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            if keys:  # somebody else's file: its own tools will say so
                continue
            message = (
                f"{path} is no TOML: {error}. A line of it is a name and a value, such as "
                'keep = "newest"'
            )
            raise SettingsError(message) from error
        for key in keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            message = f"{path}: [{'.'.join(keys)}] must be a table of settings, not {table!r}"
            raise SettingsError(message)
        if table:
            return _apply(Settings(), table, str(path))
    return Settings()


def _apply(target: Any, table: dict[str, Any], where: str) -> Any:  # noqa: ANN401 - a dataclass
    """Return a settings object with the values of a table put in."""
    known = {f.name: getattr(target, f.name) for f in dataclasses.fields(target)}
    changes: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            message = f"{where}: unknown setting {key!r}; known are {', '.join(sorted(known))}"
            raise SettingsError(message)
        if name in changes:
            other = name if name != key else name.replace("_", "-")
            message = f"{where}: {other!r} and {key!r} are one setting: leave one of them away"
            raise SettingsError(message)
        if name == "rule" and isinstance(value, str):
            changes[name] = _rule_named(value, where)
        elif name in _GROUPS and isinstance(value, dict):
            changes[name] = _apply(known[name], value, f"{where} [{name}]")
        else:
            changes[name] = _checked(name, value, known[name], where)
    try:
        return dataclasses.replace(target, **changes)
    except SettingsError as error:
        message = f"{where}: {error}"
        raise SettingsError(message) from error


def _rule_named(name: str, where: str) -> Rule:
    if name not in RULES:
        message = f"{where}: unknown rule {name!r}; known are {', '.join(RULES)}"
        raise SettingsError(message)
    return RULES[name]


def _checked(name: str, value: Any, default: Any, where: str) -> Any:  # noqa: ANN401
    """Return a value of TOML as the setting takes it."""
    # settings that are unset by default are names, but for one number
    kind = type(default) if default is not None else int if name == "limit" else str
    if kind is tuple and isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return tuple(value)
    elif kind is float and type(value) is int:
        return float(value)
    elif type(value) is kind and kind is not tuple:
        return value
    said = json.dumps(value, ensure_ascii=False, default=str)
    message = f"{where}: {name} must be {_IN_TOML[kind]}, not {said}"
    raise SettingsError(message)
