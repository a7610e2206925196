"""A page of our own server, under its strict policy, in which the app's modules are called."""

from typing import Any

CORE = "/static/field/core/"


def open_page(page, live_server) -> None:
    """A page on which no app runs; modules are imported there by their addresses."""
    page.goto(f"{live_server.url}/sign-in/")


def call(page, body: str, argument: Any = None) -> Any:
    """Run statements of JavaScript with `argument`; `at(name)` imports a core module."""
    return page.evaluate(_function(body), argument)


def keep(page, body: str, argument: Any = None) -> Any:
    """The same, and what is returned stays in the page, as a handle."""
    return page.evaluate_handle(_function(body), argument)


def _function(body: str) -> str:
    return f"async (argument) => {{ const at = (name) => import(`{CORE}${{name}}.js`); {body} }}"
