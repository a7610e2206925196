"""The specimen chain's laws for `prove`: each query finds the rows that break its law."""

from pratique.journal.prove import Law

LAWS = (
    Law("specimens.one_tube_one_person", "A tube holds one specimen of one person.",
        "SELECT tube FROM specimens_specimen GROUP BY tube HAVING count(*) > 1"),
    Law("specimens.collected_is_held",
        "Every tube collected is in the ledger, and the ledger has no other.",
        "SELECT s.specimen, h.subject FROM specimens_specimen s FULL JOIN (SELECT subject "
        "FROM custody_holding WHERE kind = 'specimen') h ON h.subject = s.specimen "
        "WHERE s.specimen IS NULL OR h.subject IS NULL"),
    Law("specimens.outside_is_ended",
        "Tubes collected = tubes held + tubes voided, lost or discarded, tube by tube.",
        "SELECT s.specimen FROM specimens_specimen s JOIN custody_holding h "
        "ON h.subject = s.specimen JOIN custody_entry e ON e.subject = h.subject "
        "AND e.fact = h.entry LEFT JOIN specimens_ending x ON x.specimen = s.specimen "
        "AND x.fact = h.entry WHERE e.why <> 'correction' "
        "AND (h.account = 'outside') <> (x.fact IS NOT NULL)"),
    Law("specimens.second_reader",
        "Every final result's run was confirmed by another person than the one who imported it.",
        "SELECT r.tube, r.run FROM specimens_result r LEFT JOIN specimens_run n ON n.run = r.run "
        "LEFT JOIN specimens_confirmation c ON c.run = r.run WHERE c.run IS NULL "
        "OR n.run IS NULL OR c.confirmed_by = n.imported_by OR n.controls <> 'passed' "
        "OR c.imported_by <> n.imported_by"),
    Law("specimens.result_of_well",
        "Every final result is what its well says, of a tube that the laboratory took over, and "
        "was not withheld.",
        "SELECT r.tube, r.run FROM specimens_result r LEFT JOIN specimens_well w "
        "ON w.run = r.run AND w.well = r.well AND w.tube = r.tube AND w.reading = r.result "
        "LEFT JOIN specimens_confirmation c ON c.run = r.run WHERE w.well IS NULL "
        "OR w.well = ANY(c.withheld) OR NOT EXISTS (SELECT FROM specimens_specimen s "
        "JOIN specimens_run n ON n.run = r.run JOIN custody_entry e ON e.subject = s.specimen "
        "AND e.taker = n.laboratory WHERE s.tube = r.tube)"),
    Law("specimens.law_6",
        "No specimen got a negative after a positive or inconclusive; a new negative needs a new "
        "specimen.",
        "SELECT n.tube, n.run FROM specimens_result n JOIN specimens_result p ON p.tube = n.tube "
        "AND p.result IN ('positive', 'inconclusive') WHERE n.result = 'negative' "
        "AND p.recorded_at < n.recorded_at"),
    Law("specimens.no_result_left_behind",
        "What a second reader confirmed of a tube that the laboratory took over is its result, "
        "unless law 6 forbids it.",
        "WITH waiting AS MATERIALIZED (SELECT w.tube, w.run, w.reading, n.laboratory "
        "FROM specimens_confirmation c JOIN specimens_run n ON n.run = c.run "
        "JOIN specimens_well w ON w.run = c.run AND w.tube <> '' AND NOT w.well = ANY(c.withheld) "
        "WHERE NOT EXISTS (SELECT FROM specimens_result r WHERE r.tube = w.tube "
        "AND r.run = w.run)) SELECT w.tube, w.run FROM waiting w "
        "JOIN specimens_specimen s ON s.tube = w.tube WHERE EXISTS (SELECT FROM custody_entry e "
        "WHERE e.subject = s.specimen AND e.taker = w.laboratory) "
        "AND NOT (w.reading = 'negative' AND EXISTS (SELECT FROM specimens_result p "
        "WHERE p.tube = w.tube AND p.result IN ('positive', 'inconclusive')))"),
    Law("specimens.wells_add_up",
        "Each run has the wells that its fact named, no more and no fewer.",
        "SELECT n.run FROM specimens_run n JOIN journal_fact f ON f.id = n.fact "
        "LEFT JOIN (SELECT run, count(*) AS wells FROM specimens_well GROUP BY run) w "
        "ON w.run = n.run WHERE coalesce(w.wells, 0) <> jsonb_array_length(f.body -> 'wells')"),
)
