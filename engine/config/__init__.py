"""Configuration of an installation: config.yaml, every key also by environment. What the values do belongs to the floors that
use them."""

from engine.config.fault import EnvironmentFault
from engine.config.read import config_schema, default_home, load_config
from engine.config.sections import Config

__all__ = ["Config", "EnvironmentFault", "config_schema", "default_home", "load_config"]
