from __future__ import annotations

import pytest

from runner.errors import PreflightError
from runner.zammad import settings
from tests.zammad.support import Desk


def test_a_setting_that_was_written_is_read_back(zammad_desk: Desk) -> None:
    before = settings.read(zammad_desk.zammad)
    assert before["import_mode"].value is not True
    assert before["fqdn"].created_at
    settings.write(zammad_desk.zammad, before["import_mode"], value=True)
    after = settings.read(zammad_desk.zammad)
    assert after["import_mode"].value is True
    assert after["fqdn"] == before["fqdn"]


def test_a_token_that_may_not_read_settings_says_what_it_lacks(zammad_desk: Desk) -> None:
    zammad_desk.fake.tables.users[3]["role_ids"] = [2]
    with pytest.raises(PreflightError, match="may not read") as error:
        settings.read(zammad_desk.zammad)
    assert "role Admin" in error.value.advice
