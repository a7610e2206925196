"""From a published list to the fact that says it: for imports, and for the example county."""

from typing import Any

from pratique.registry.risk_lists import RiskList

SOURCE_LENGTH_MAX = 200


def list_body(risk_list: RiskList, source: str) -> dict[str, Any]:
    """The body of `registry.risk_list_published` for a parsed list; its `stamp` is aware UTC.

    Rows and places keep the published order, doubles included: the totals must stay the
    publisher's.
    """
    rows: dict[tuple, dict[str, Any]] = {}
    for area in risk_list.areas:
        head = (area.tier, area.province, area.city, area.county)
        row = rows.setdefault(head, {
            "tier": area.tier, "province": area.province, "city": area.city,
            "county": area.county, "division": area.division, "places": [],
        })
        place: dict[str, Any] = {"text": area.text, "key": area.key}
        if area.is_rest:
            place["rest"] = True
        row["places"].append(place)
    return {
        "stamp": risk_list.stamp_at.isoformat(),
        "source": source[:SOURCE_LENGTH_MAX],
        "counts": dict(risk_list.published),
        "rows": list(rows.values()),
    }
