/** Drift for a person: what differs first, with the options; then what is correct. Pure. */
import { columnsFor, wrap } from "../../check/render/wrap.ts";
import { MARKS } from "../result.ts";
import { noteLines, pastedLines, sections } from "../text.ts";
import type { DriftReport, ReportedPlace } from "./finding.ts";

const VERDICTS: Readonly<Record<DriftReport["verdict"], string>> = {
  none: `${MARKS.pass} no drift`,
  drift: `${MARKS.fail} drift`,
  unknown: `${MARKS.unknown} could not be compared`,
};

const COMPARED = "state, cloud and apps were compared";

/** @param width columns of the terminal @returns ends with a line feed */
export function renderDrift(report: DriftReport, width: number): string {
  const { stack, verdict, places, notAsked } = report;
  const columns = columnsFor(width);
  const drifted = places.filter(({ findings }) => findings.length > 0);
  const well = places.filter(({ findings }) => findings.length === 0);
  const asFar = notAsked.length === 0 ? "" : " as far as they could be asked";
  return sections(
    [`${VERDICTS[verdict]}  stack ${stack}: ${COMPARED}${asFar}; nothing was changed`],
    ...drifted.map((place) => placeLines(place, columns)),
    ...notAsked.map(({ name, why, hint }) => [
      ...noteLines({ status: "unknown", say: `${name}\n${why}`, snippet: hint }, columns),
    ]),
    well.flatMap((place) => placeLines(place, columns)),
  );
}

function placeLines({ name, findings, notes }: ReportedPlace, columns: number): string[] {
  return [
    ...noteLines({ status: findings.length > 0 ? "fail" : "pass", say: name }, columns),
    ...findings.flatMap(({ code, words, hint }) => [
      ...wrap(`${code}: ${words}`, columns, 2),
      ...pastedLines(hint, 4),
    ]),
    ...notes.flatMap((say) => noteLines({ status: "note", say }, columns, 2)),
  ];
}
