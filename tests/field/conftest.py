"""A gate's device, as the field room's own tests have it."""

import pytest

from pratique.field.tests.app_page import enrolled_tablet


@pytest.fixture
def tablet(transactional_db):
    return enrolled_tablet()
