"""Logs: one JSON object a line, with the request, correlation and causation ids."""

import logging.config
from typing import Any

import structlog

from shared import context


def _ids(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    for variable in (context.request_id, context.correlation_id, context.causation_id):
        if value := variable.get():
            event.setdefault(variable.name, value)
    return event


_SHARED: list[structlog.types.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _ids,
]


_RENDERERS = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
]


def json_lines(level: str) -> dict[str, Any]:
    """Return the logging configuration that sends every logger's lines to standard error as JSON."""
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": _SHARED, "processors": _RENDERERS}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # "received" and "succeeded" for each task: Flower shows them, and nobody reads thousands.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            # Each refused request is in the gateway's access log already.
            "django.request": {"level": "ERROR"},
            # Has a plain handler of its own until it is told otherwise; "killed" and "timed out" are said here.
            "gunicorn.error": {"level": level, "propagate": True},
        },
    }


def configure(options: dict[str, Any]) -> None:
    """Send every logger's lines to standard error as JSON. Django calls this as its LOGGING_CONFIG."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(json_lines(options.get("level", "INFO")))
