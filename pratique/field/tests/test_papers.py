"""Papers and plates are judged on the device as on the server: same codes, same sentences."""

import pytest
from django.utils import translation

from pratique.field.packs import pack_data
from pratique.field.paper_words import KEY, paper_words
from pratique.field.tests import papers
from pratique.field.tests.pages import call, open_page
from pratique.protocol.pack import shipped
from pratique.protocol.spec import LANGUAGES

QUESTIONS = 2_500
JUDGE = """
const papers = await at("papers");
const {sentence} = await at("words");
const known = new Set(argument.known);
const ask = {
  ...papers,
  document: (...all) => papers.withCountyWarning(papers.readDocument(...all), known),
};
return argument.asked.map(([name, args]) => {
  try {
    return {read: ask[name](...args)};
  } catch (refused) {
    if (!(refused instanceof papers.PaperRefused)) throw refused;
    const {code, params} = refused;
    return {code, sentence: sentence(argument.pack, `refusal.${code}`, params, argument.language)};
  }
});
"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_device_refuses_what_the_server_refuses_and_with_its_words(live_server, page):
    open_page(page, live_server)
    pack = pack_data(shipped()["shanxi-2022-08-20"])
    for language in LANGUAGES:
        with translation.override(language):
            asked = list(papers.questions(QUESTIONS))
        answers = call(page, JUDGE, {
            "asked": [[name, args] for name, args, __ in asked], "pack": pack,
            "known": papers.KNOWN_COUNTIES, "language": language})
        wrong = [(name, args, answer, verdict)
                 for (name, args, verdict), answer in zip(asked, answers, strict=True)
                 if answer != verdict]
        assert not wrong, (len(wrong), wrong[:3])
    codes = {verdict.get("code") for __, __, verdict in asked} - {None}
    assert codes == {key.removeprefix(KEY) for key in paper_words()["en"]}


def test_every_refusal_of_a_paper_has_its_words_in_both_languages():
    said = paper_words()
    assert said["en"].keys() == said["zh-hans"].keys()
    assert [key for key in said["en"] if said["en"][key] == said["zh-hans"][key]] == []
    assert said["en"]["refusal.plate_shape"].startswith("This cannot be a number plate: {min} to")
