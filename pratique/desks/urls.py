"""The desks' addresses. A thing's address never changes: it may stand on paper."""

from django.urls import path

from pratique.desks import face
from pratique.desks.views import accounts, board, find, findings, handovers, home, sign_in, subjects

urlpatterns = [
    path("", home.home, name="home"),
    path("face/<slug:digest>.<slug:kind>", face.serve, name="face"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/password/", sign_in.new_password, name="new_password"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("language/", sign_in.language, name="language"),
    path("me/", sign_in.me, name="me"),
    path("help/", sign_in.help_page, name="help"),
    path("find/", find.find, name="find"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("unit/<str:code>/", accounts.unit, name="unit"),
    path("today/<slug:which>/", accounts.moves, name="moves"),
    path("differences/", accounts.differences, name="differences"),
    path("gaps/", accounts.gaps, name="gaps"),
    path("board/", board.board, name="board"),
    path("board.csv", board.board_csv, name="board_csv"),
    path("duty/<uuid:id_>/", board.duty, name="duty"),
    path("findings/", findings.findings, name="findings"),
    path("finding/<uuid:id_>/", findings.finding, name="finding"),
    path("waiting/", findings.parked, name="parked"),
    path("quarantine/", findings.quarantine, name="quarantine"),
    path("hand-overs/", handovers.inbox, name="handovers"),
    path("hand-over/<uuid:id_>/", handovers.handover, name="handover"),
    path("person/<uuid:id_>/", subjects.person, name="person"),
    path("person/<uuid:id_>/looks/", subjects.looks, name="looks"),
    path("vehicle/<uuid:id_>/", subjects.vehicle, name="vehicle"),
    path("tube/<uuid:id_>/", subjects.specimen, name="specimen"),
    path("trip/<uuid:id_>/", subjects.trip, name="trip"),
]
