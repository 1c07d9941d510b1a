"""The shared language of the quality system: values, settings, memory and people's processes."""

__version__ = "0.1.0"
