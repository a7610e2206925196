"""The laboratory desk: what comes, what to test first, runs, the second reader."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pratique.desks import door, people
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.feeds import run_files
from pratique.kit.access import open_to
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.specimens import queries_lab as lab
from pratique.specimens import rules

LAB = desk_roles("laboratory")


@open_to(*LAB)
def laboratory(request: HttpRequest) -> HttpResponse:
    """Urgent tubes first; then runs that await the second reader; then what fits nowhere."""
    request.pratique_desk = "laboratory"  # type: ignore[attr-defined]
    now = door.moment(request)
    here = people.place_of(request)
    if here is None:
        raise Http404
    trouble = ""
    if request.method == "POST":
        trouble = _import(request, here)
        if not trouble:
            return redirect("laboratory")
    return render(request, "desks/pages/laboratory.html", {
        "inbox": lab.inbox(here, now), "inbound": lab.inbound(here),
        "awaiting": lab.awaiting_second_reader(here), "runs": lab.runs(here, limit=20),
        "work": lab.unattached(here, limit=50), "assays": sorted(rules.ASSAYS),
        "form": request.POST, "trouble": trouble}, status=422 if trouble else 200)


def _import(request: HttpRequest, here: str) -> str:
    """Read an instrument's file and record it as it is; answer why not, or ""."""
    now = door.moment(request)
    file = request.FILES.get("file")
    if file is None:
        return _("Choose the file that the instrument wrote.")
    try:
        read = run_files.read_run(
            file.name or "", file.read(run_files.FILE_BYTES_MAX + 1), run=new_id(now),
            laboratory=here, instrument=request.POST.get("instrument", "").strip() or "-",
            assay=request.POST.get("assay", ""), finished_at=now,
            plate=request.POST.get("plate", "").strip())
    except Refusal as refusal:
        return str(refusal)
    batch = door.say(request, "laboratory", [Saying("specimens.run_imported", read.body)])
    return "" if door.is_good(batch) else _("The run was not taken; see above.")


@open_to(*LAB, "supervisor", "epidemiologist", "leader")
def run(request: HttpRequest, id_: UUID) -> HttpResponse:
    """A run as its wells; the second reader, another person, confirms or holds wells back."""
    request.pratique_desk = "laboratory"  # type: ignore[attr-defined]
    found = lab.run_named(id_)
    if found is None:
        raise Http404
    this, wells = found
    if request.method == "POST":
        door.say(request, "laboratory", [Saying("specimens.run_confirmed", {
            "run": id_, "laboratory": this.laboratory,
            "withheld": sorted(set(request.POST.getlist("withheld")))})])
        return redirect("run", id_)
    names_of(request).want_staff([this.imported_by, this.confirmed_by])
    roles = request.actor.roles  # type: ignore[attr-defined]
    return render(request, "desks/pages/run.html", {
        "run": this, "wells": [well for well in wells if well.tube or well.control],
        "grid": _grid(wells), "columns": range(1, rules.PLATE_COLUMNS + 1),
        "may_confirm": this.state == "awaits_second_reader"
        and this.imported_by != request.user.pk and "laboratory" in roles})


def _grid(wells: list[lab.ReadWell]) -> list[tuple[str, list[lab.ReadWell | None]]]:
    """The plate as rows of wells, for the picture; None: an empty well."""
    by_name = {well.well: well for well in wells}
    return [(row, [by_name.get(f"{row}{column:02}")
                   for column in range(1, rules.PLATE_COLUMNS + 1)]) for row in rules.PLATE_ROWS]
