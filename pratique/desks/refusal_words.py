"""What a finding says of a fact that waited, had its turn, and was refused then.

Its sender had gone, so a person is told instead: in the sentence of the rule that refused it, with
the same particulars. A new refusal in a room comes here; a house test says which is missing.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

REFUSED: dict[str, Any] = {
    "bag_not_plain": _(
        "“%(bag)s” is no label of a bag or seal: 1 to 40 letters, digits, dots, dashes, the "
        "first one a letter or digit."),
    "controls_failed": _("The controls of this run failed (%(controls)s): it yields no result."),
    "correction_empty": _("A correction moves the subject and says why."),
    "count_below_zero": _("Nothing is counted below zero."),
    "count_of_another": _("That count is of “%(account)s”."),
    "count_of_another_kind": _("That count was not of these."),
    "crew_wrong": _("A trip has 1 to %(most)s crew, each named once; the first drives."),
    "ct_out_of_range": _("Ct %(ct)s of %(target)s in well %(well)s is no cycle number."),
    "day_malformed": _("“%(day)s” is no day; write YYYY-MM-DD."),
    "day_not_come": _("A round of %(day)s cannot be told on %(today)s."),
    "destination_unknown": _("There is no community “%(given)s” to go to."),
    "device_key": _("A device's public key is an ECDSA P-256 key, base64 of its "
                    "SubjectPublicKeyInfo."),
    "device_known_by": _("A device is known by its token or by its public key: one of the two."),
    "device_roles": _("A device speaks for at least one duty role."),
    "device_token": _("A device is known by the SHA-256 of its token, in 64 hexadecimal digits."),
    "document_kind_unknown": _("“%(kind)s” is not a kind of identity document."),
    "document_without_kind": _("A document's number needs the document's kind."),
    "driver_on_other_trip": _("The driver is on another trip at that time."),
    "driving_too_long": _(
        "The driver would be %(minutes)s minutes at the wheel without %(rest)s minutes of "
        "rest; at most %(most)s are allowed."),
    "duties_count": _("Nobody has more than %(most)s duties."),
    "episode_of_another": _("That episode is another person's."),
    "expires_before": _("An offer must expire after it was made."),
    "expires_too_late": _("An offer must expire within %(hours)s hours."),
    "finding_closed_before": _("This finding was closed at %(at)s. Nothing was changed."),
    "handed_to_oneself": _("A post is handed over by one person to another."),
    "hour_not_whole": _("A lane is counted by whole hours."),
    "identity_field": _("A person's record has no such field: %(field)s."),
    "identity_length": _("%(field)s is too long or has a forbidden character."),
    "last_registrar": _(
        "This would leave the county without a registrar who can sign in. Give somebody else the "
        "role for the whole county first."),
    "not_your_person": _(
        "“%(place)s” has not met this person, does not hold them and does not await them. The "
        "record is corrected by who does, or by who answers for the whole county."),
    "own_right": _("Nobody gives themselves a role; somebody else must."),
    "right_not_yours": _(
        "The role “%(role)s” at “%(unit)s” is given and ended by whoever is %(keepers)s there; "
        "you are not."),
    "label_misread": _("The check digit of label “%(tube)s” is wrong. Scan it again."),
    "label_not_plain": _(
        "“%(tube)s” is no tube label: 1 to 40 letters, digits, dots, dashes, the first one a "
        "letter or digit."),
    "lane_name": _("A lane has a name of at most %(most)s characters."),
    "law_refused": _("A law of the database refuses this: %(law)s."),
    "list_wrong": _("The passenger list names each person once and is not empty."),
    "lists_differ": _("Each tube needs the fact by which it is held."),
    "measure_applies": _("This person may not simply go on: %(measure)s applies."),
    "night": _("No trip may be on the road between %(since)s and %(until)s."),
    "no_confirmed_place": _("%(count)s passengers have no confirmed place at “%(destination)s”."),
    "no_decision_yet": _("Nobody has decided yet whether a measure applies to this person."),
    "no_facts_named": _("Name at least one fact."),
    "no_rounds_there": _("“%(code)s” makes no rounds."),
    "not_a_checkpoint": _("“%(post)s” is not a checkpoint."),
    "not_a_crew": _("“%(code)s” is no vehicle crew."),
    "not_a_destination": _("No trip ends at “%(code)s”."),
    "not_a_laboratory": _("“%(account)s” is no laboratory."),
    "not_a_site": _("“%(code)s” is no isolation site."),
    "not_a_specimen": _("This is no specimen."),
    "not_an_origin": _("No trip begins at “%(code)s”."),
    "not_disinfected": _("“%(vehicle)s” has not been disinfected since its last trip with people."),
    "not_your_account": _("“%(place)s” cannot speak for “%(account)s”."),
    "not_your_handover": _("That hand-over is from “%(giver)s” to “%(taker)s”."),
    "not_your_run": _("That run belongs to “%(laboratory)s”."),
    "not_your_trip": _("“%(place)s” is neither origin nor destination of this trip."),
    "nothing_corrected": _("The correction says nothing about the person."),
    "occupants_count": _("A vehicle has between 0 and %(most)s persons aboard."),
    "order_without_end": _("An order must end after it begins."),
    "other_merge": _("That merge was of other persons."),
    "other_vehicle": _("That trip is driven by “%(vehicle)s”."),
    "outside_takes_no_offer": _(
        "Nothing is handed over to or from outside; arrivals and releases have their own "
        "facts."),
    "passenger_on_other_trip": _(
        "%(count)s passengers are on the list of another trip that is not over."),
    "passenger_twice": _(
        "%(count)s passengers are on this list under two records that were merged; name each "
        "once."),
    "place_key": _("A place's key begins with its unit, “%(unit)s”."),
    "plate_shape": _(
        "This cannot be a number plate: %(min)s to %(max)s letters, digits and Chinese "
        "characters are expected."),
    "plate_too_long": _("A plate has at most %(most)s characters."),
    "purpose_missing": _("A specimen says in 1 to %(most)s characters what it is taken for."),
    "reader_missing": _("A run must name the person who imported it."),
    "reason_missing": _("A reason is missing."),
    "release_too_early": _("Release is not due. Missing: %(missing)s."),
    "risk_list_shape": _("A list has a stamp with its zone and between 1 and %(most)s places."),
    "room_full": _("All %(beds)s beds of room “%(room)s” are taken."),
    "room_shape": _("A room has a name and between 1 and %(most)s beds."),
    "rooms_count": _("Between 1 and %(most)s rooms, each named once, are opened at a time."),
    "run_times": _("A run ends after it started, in times that name their zone."),
    "same_account": _("Giver and taker are the same account."),
    "second_reader_must_differ": _(
        "The second reader must be another person than the one who imported the run."),
    "stay_area": _("The name of an area is too long."),
    "stay_backwards": _("A stay cannot end before it began."),
    "stay_division": _("A stay names its county by six digits, not “%(given)s”."),
    "stay_in_future": _("A stay cannot end after the arrival."),
    "stays_count": _("At most %(most)s stays are kept of one person."),
    "stop_of_another": _("That stop is another vehicle's."),
    "symptoms_wrong": _("A reading names at most %(most)s symptoms, none of them empty."),
    "targets_differ": _("Well %(well)s must have the targets %(wanted)s; it has %(given)s."),
    "temperature_impossible": _("%(temperature)s °C is not a body's temperature."),
    "time_impossible": _("This time cannot be: its zone or its year is missing."),
    "time_without_zone": _("The times of a trip must name their zone."),
    "times_wrong": _("A trip arrives after it departs."),
    "too_few_seats": _("%(passengers)s passengers, %(seats)s seats."),
    "trailer_is_the_tractor": _("The trailer has the same plate as the tractor."),
    "tube_twice": _("Tube “%(tube)s” is on this plate twice."),
    "turn_back_not_allowed": _(
        "This person may not be turned back: %(measure)s applies, and the protocol does not "
        "allow it. Sent away, they could carry the disease on."),
    "unit_capacity": _("A unit's capacity is between 0 and %(most)s."),
    "unit_code": _(
        "“%(code)s” cannot be a unit's code: small letters, digits and dashes, at most 40."),
    "unit_name": _("A unit has a name of at most %(most)s characters in both languages."),
    "unit_parent": _("A unit cannot be its own parent."),
    "unknown_account": _("There is no account “%(code)s”."),
    "unknown_assay": _("There is no assay “%(assay)s”. Known: %(known)s."),
    "unknown_division": _("There is no division “%(code)s”."),
    "unknown_pack": _("There is no protocol pack “%(pack)s” here."),
    "unknown_room": _("“%(account)s” has no room “%(room)s”."),
    "username": _("A user name has 2 to 32 small letters, digits, dots, dashes or underscores."),
    "vehicle_on_other_trip": _("“%(vehicle)s” is on another trip at that time."),
    "vehicle_under_way": _(
        "“%(vehicle)s” is still on a trip with people; it must be disinfected before the next"
        " one."),
    "vehicles_count": _("Between 0 and %(most)s vehicles pass a lane in an hour."),
    "well_of_nobody": _("Well %(well)s must have either a tube or a control."),
    "well_twice": _("Well %(well)s is there twice."),
    "well_unknown": _("“%(well)s” is no well of this run."),
    "wells_count": _("A run has 1 to %(most)s wells; this one has %(count)s."),
}
