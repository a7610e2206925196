"""The API's page in a browser: whole under our content policy, and from this server alone."""

import pytest


@pytest.mark.browser
@pytest.mark.committed
def test_the_docs_page_draws_itself_from_this_server_alone(live_server, page):
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/api/v1/docs")
    page.wait_for_selector("#swagger-ui .opblock-summary-path")
    paths = page.locator("#swagger-ui .opblock-summary-path").all_inner_texts()
    assert any("/api/v1/facts" in path.replace("\u200b", "") for path in paths)
    elsewhere = [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))]
    assert elsewhere == []
    assert complaints == []
