"""Signing in: nobody learns who exists, nobody tries for long, a one-time password is once."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.test import Client

from pratique.desks import ledger
from pratique.desks.tests.conftest import PASSWORD, give_password

pytestmark = pytest.mark.usefixtures("county")


def try_it(client: Client, username: str, password: str):
    return client.post("/sign-in/", {"username": username, "password": password})


def test_a_stranger_is_led_to_the_door_and_back_to_where_they_wanted():
    answer = Client().get("/board/?kind=swab")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/board/%3Fkind%3Dswab"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer():
    give_password("gate")
    client = Client(headers={"Accept-Language": "en"})
    token = "csrfmiddlewaretoken"
    wrong, unknown = (try_it(client, name, "not it") for name in ("gate", "nobody"))
    assert wrong.status_code == unknown.status_code == 422
    strip = [[line for line in a.content.decode().splitlines() if token not in line]
             for a in (wrong, unknown)]
    assert [line.replace("nobody", "gate") for line in strip[1]] == strip[0]


def test_after_five_failures_even_the_right_password_waits():
    give_password("gate")
    client = Client()
    for __ in range(5):
        assert try_it(client, "gate", "not it").status_code == 422
    assert try_it(client, "gate", PASSWORD).status_code == 429


def test_the_wait_ends_by_itself(clock):
    give_password("gate")
    client = Client()
    for __ in range(5):
        try_it(client, "gate", "not it")
    clock.forward(minutes=16)
    assert try_it(client, "gate", PASSWORD).status_code == 302


def test_a_one_time_password_opens_nothing_but_the_page_that_replaces_it():
    staff = get_user_model().objects.get_by_natural_key("gate")
    get_user_model().objects.filter(pk=staff.pk).update(password=make_password("once only 1"))
    client = Client()
    assert try_it(client, "gate", "once only 1").status_code == 302
    assert client.get("/gate/")["Location"].startswith("/sign-in/")
    assert client.get("/sign-in/")["Location"].startswith("/sign-in/password/")
    own = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post("/sign-in/password/", own)["Location"] == "/"
    assert client.get("/gate/").status_code == 200
    assert ledger.chose_password(staff.pk)


def test_nobody_is_sent_to_another_server_after_signing_in():
    give_password("gate")
    client = Client()
    answer = client.post("/sign-in/", {"username": "gate", "password": PASSWORD,
                                       "next": "https://elsewhere.example/"}, follow=True)
    assert [address for address, __ in answer.redirect_chain] == ["/sign-in/?next=/", "/"]


def test_a_role_held_at_one_post_opens_no_other_desk(desk):
    gate = desk("gate")
    assert "Your duty role does not open this page" in gate.see("/laboratory/", 403)
    assert gate.see("/gate/")
