"""The API's description names what a device asks for, as the doors take and refuse it."""

import json
import re

import pytest
from django.test import Client

from pratique.field import device_urls
from pratique.field.described import DOORS, PREFIX
from pratique.field.tests.conftest import Tablet
from tests.house.code import PACKAGE

CODE = re.compile(r'_no\(\s*(\d+),\s*"(\w+)"|Refused\((\d+), Refusal\(\s*"(\w+)"')


@pytest.fixture
def described(county):
    return Client().get("/api/v1/openapi.json").json()


def test_every_address_below_field_is_described_and_no_other(described):
    there = {PREFIX + str(each.pattern) for each in device_urls.urlpatterns}
    assert {path for path in described["paths"] if path.startswith(PREFIX)} == there


def test_every_schema_that_a_path_names_is_there(described):
    paths = {path: said for path, said in described["paths"].items() if path.startswith(PREFIX)}
    named = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(paths))
    assert named and set(named) <= described["components"]["schemas"].keys()
    form = described["components"]["schemas"]["field.SigningIn"]
    assert form["required"] == ["username", "password"]
    assert form["additionalProperties"] is False


def test_only_what_has_a_token_asks_for_one(described):
    free = {path.removeprefix(PREFIX) for path, said in described["paths"].items()
            if path.startswith(PREFIX) for one in said.values() if one.get("security") == []}
    assert free == {"invitation", "enrolment", "challenge", "token"}


@pytest.mark.parametrize(("name", "module"), [
    ("staff", "staff.py"), ("token", "tokens.py"), ("enrolment", "enrolment.py")])
def test_each_refusal_in_the_code_stands_in_the_description(name, module):
    told = DOORS[name][4]
    source = (PACKAGE / "field" / module).read_text()
    said = {(a or c, b or d) for a, b, c, d in CODE.findall(source)}
    assert said
    missing = {(status, code) for status, code in said
               if code not in told.get(status, "") and code != "device_unknown"}
    assert not missing


def test_an_answer_has_the_fields_that_are_described(tablet: Tablet, described):
    said = tablet.answer(tablet.challenge()).json()
    schema = described["paths"][PREFIX + "token"]["post"]["responses"]["200"]
    assert said.keys() == schema["content"]["application/json"]["schema"]["properties"].keys()
