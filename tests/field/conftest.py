"""A gate's device, as the field room's own tests have it."""

import pytest
from django.test.testcases import LiveServerThread

from pratique.field.tests.app_page import enrolled_tablet


@pytest.fixture
def tablet(transactional_db):
    return enrolled_tablet()


@pytest.fixture
def wired(transactional_db):
    """The port of a server whose static files come through the middlewares, as outside of tests;
    `live_server` puts a handler of its own before them."""
    thread = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
    thread.daemon = True
    thread.start()
    assert thread.is_ready.wait(60) and not thread.error, thread.error
    yield thread.port
    thread.terminate()
