"""Reading config.yaml and the environment over it, checked as a whole before anything starts."""

from __future__ import annotations

import os
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from platformdirs import user_data_path

from engine.config.fault import EnvironmentFault
from engine.config.sections import Config, days_of, sections
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "TENON_"
SECRET = "TENON_SECRET_"  # noqa: S105 - the beginning of a variable's name
_LIST = tuple[str, ...]
APART = frozenset({"TENON_HOME", "TENON_CONFIG"})  # said before there is a configuration


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of config.yaml."""
    names = {str: "string", int: "integer", bool: "boolean", _LIST: "array"}
    properties = {}
    for name, kind in sections().items():
        types = get_type_hints(kind)
        keys = {
            key.name: {"type": names[types[key.name]], "default": _plain(key.default), **key.metadata["schema"]}
            for key in fields(kind)
            if not key.metadata["secret"] and key.default is not MISSING
        }
        properties[name] = {
            "type": "object",
            "description": kind.__doc__,
            "properties": keys,
            "additionalProperties": False,
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tenon config.yaml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _plain(value: Any) -> Any:
    """Return a default as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return TENON_HOME, by default the user's data folder for applications."""
    named = environment.get("TENON_HOME")
    return (Path(named).expanduser() if named else user_data_path("tenon", appauthor=False)).absolute()


def load_config(environment: Mapping[str, str] = os.environ, file: Path | None = None) -> Config:
    """Read and check the configuration.

    The file is ``file``, else TENON_CONFIG, else ``config.yaml`` in the home or in the current folder. The environment wins
    over it. Raises EnvironmentFault that names every bad key.
    """
    home = default_home(environment)
    path = file or _find_file(environment, home)
    values = _read_file(path) if path else {}
    _refuse_secrets(values, path)
    faults = _apply_environment(values, environment)
    faults += _schema_faults(values)
    zone = values.get("calendar", {}).get("zone", "UTC") if not faults else "UTC"
    if zone not in available_timezones():
        faults.append(f"calendar.zone: {zone} is no time zone")
    if not faults:
        faults += _bad_days(values.get("calendar", {}))
    if faults:
        listed = "; ".join(faults)
        where = path or "TENON_…"
        raise EnvironmentFault(
            Text(zh=f"配置有误（{where}）：{listed}。", en=f"The configuration has faults ({where}): {listed}.")
        )
    made = {name: kind(**_frozen(values.get(name, {}))) for name, kind in sections().items()}
    return Config(home=home, secrets=_named_secrets(environment), **made)


def _named_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that definitions may name: ``TENON_SECRET_ERP_TOKEN`` (or a file, ``TENON_SECRET_ERP_TOKEN_FILE``) is ``erp_token``.
    Raises EnvironmentFault for a file that cannot be read."""
    found: dict[str, str] = {}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(SECRET):
            continue
        name = variable.removeprefix(SECRET).lower()
        if not name.endswith("_file"):
            found[name] = text
            continue
        try:
            found[name.removesuffix("_file")] = Path(text).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise EnvironmentFault(
                Text(
                    zh=f"{variable}：无法读取 {text}（{reason}）。", en=f"{variable}: {text} cannot be read ({reason})."
                )
            ) from error
    return found


def _frozen(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in keys.items()}


def _bad_days(calendar: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with days that look right: the 30th of February."""
    faults = []
    for key in ("holidays", "makeup"):
        for day in calendar.get(key, ()):
            try:
                days_of([day])
            except ValueError as wrong:
                faults.append(f"calendar.{key}: {day}: {wrong}")
    return faults


def _schema_faults(values: Mapping[str, Any]) -> list[str]:
    """Return what the schema has against the values; nothing was said, nothing can be wrong."""
    if not values:
        return []
    import jsonschema  # slow to load, and many commands never come here

    validator = jsonschema.Draft202012Validator(_with_secrets(config_schema()))
    errors = sorted(validator.iter_errors(values), key=lambda error: [str(part) for part in error.absolute_path])
    return [f"{'.'.join(map(str, error.absolute_path)) or 'config'}: {error.message}" for error in errors]


def _find_file(environment: Mapping[str, str], home: Path) -> Path | None:
    named = environment.get("TENON_CONFIG")
    if named:
        return Path(named).expanduser()
    return next((path for path in (home / "config.yaml", Path("config.yaml")) if path.is_file()), None)


def _read_file(path: Path) -> dict[str, Any]:
    """Read config.yaml: a map of maps."""
    try:
        values = _read_yaml(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise EnvironmentFault(
            Text(zh=f"无法读取配置文件 {path}：{reason}。", en=f"The configuration {path} cannot be read: {reason}.")
        ) from error
    if not isinstance(values, dict) or not all(isinstance(keys, dict | None) for keys in values.values()):
        raise EnvironmentFault(
            Text(
                zh=f"配置文件 {path} 应由若干节组成（如 web: {{port: 8000}}）。",
                en=f"{path} must be a map of sections.",
            )
        )
    return {str(name): dict(keys or {}) for name, keys in values.items()}


def _read_yaml(text: str) -> Any:
    """Read YAML safely, leaving 2026-10-01 as it was written: a day that there is not is a fault to be named, not an error."""
    loader = yaml.SafeLoader(text)
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in loader.yaml_implicit_resolvers.items()
    }
    return loader.get_single_data()


def _refuse_secrets(values: Mapping[str, Mapping[str, Any]], path: Path | None) -> None:
    """Refuse a secret in the file, which is copied, shared and kept under version control."""
    for section, keys in values.items():
        secret = (
            {key.name for key in fields(sections()[section]) if key.metadata["secret"]}
            if section in sections()
            else set()
        )
        for key, value in keys.items():
            if key in secret or (str(key).endswith("url") and isinstance(value, str) and urlsplit(value).password):
                variable = f"{PREFIX}{section}_{key}".upper()
                raise EnvironmentFault(
                    Text(
                        zh=f"{path} 中的 {section}.{key} 含有密码：请改用环境变量 {variable} 或 {variable}_FILE。",
                        en=f"{section}.{key} in {path} holds a secret: give it by {variable} or {variable}_FILE.",
                    )
                )


def _with_secrets(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that admits secrets too: what the environment may say."""
    for name, kind in sections().items():
        for key in fields(kind):
            if key.metadata["secret"]:
                schema["properties"][name]["properties"][key.name] = {"type": "string"}
    return schema


def _of_kind(text: str, kind: Any) -> Any:
    """Return what the environment says as its key takes it: lists have commas."""
    if kind == _LIST:
        return [part.strip() for part in text.split(",") if part.strip()]
    return int(text) if kind is int else text


def _apply_environment(values: dict[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Put TENON_SECTION_KEY (or the contents of the file that TENON_SECTION_KEY_FILE names) over ``values``."""
    faults = []
    known = {
        f"{PREFIX}{name}_{key.name}".upper(): (name, key.name)
        for name, kind in sections().items()
        for key in fields(kind)
    }
    for variable, text in sorted(environment.items()):
        plain = variable.removesuffix("_FILE")
        place = known.get(variable) or known.get(plain)
        if place is None:
            if variable not in APART and any(variable.startswith(f"{PREFIX}{name.upper()}_") for name in sections()):
                near = get_close_matches(variable, known, n=1)
                faults.append(f"{variable} is unknown{f', did you mean {near[0]}?' if near else ''}")
            continue
        section, key = place
        try:
            value = text if variable in known else Path(text).read_text(encoding="utf-8").strip()
            kind = get_type_hints(sections()[section])[key]
            values.setdefault(section, {})[key] = _of_kind(value, kind)
        except ValueError:
            faults.append(f"{variable}: {text!r} is no whole number")
        except OSError as error:
            faults.append(f"{variable}: {error.strerror}")
    return faults
