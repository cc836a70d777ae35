/** Drift for a person: what differs first, with the options; then what is correct. Pure. */
import { wrap } from "../../check/render/wrap.ts";
import type { DriftReport, Finding, Place, Unasked } from "./finding.ts";

const VERDICTS: Readonly<Record<DriftReport["verdict"], string>> = {
  none: "✔ no drift",
  drift: "✖ drift",
  unknown: "? could not be compared",
};

const COMPARED = "state, cloud and apps were compared";

/** @param width columns of the terminal @returns ends with a line feed */
export function renderDrift(report: DriftReport, width: number): string {
  const { stack, verdict, places, notAsked } = report;
  const columns = Math.max(40, Math.min(width, 120));
  const drifted = places.filter(({ findings }) => findings.length > 0);
  const well = places.filter(({ findings }) => findings.length === 0);
  const sections = [
    [
      `${VERDICTS[verdict]}  stack ${stack}: ${COMPARED}${notAsked.length === 0 ? "" : " as far as they could be asked"}; nothing was changed`,
    ],
    ...drifted.map((place) => placeLines(place, columns)),
    ...notAsked.map((each) => unaskedLines(each, columns)),
    well.flatMap((place) => placeLines(place, columns)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function placeLines({ name, findings, notes }: Place, columns: number): string[] {
  return [
    `${findings.length > 0 ? "✖" : "✔"} ${name}`,
    ...findings.flatMap((finding) => findingLines(finding, columns)),
    ...notes.flatMap((note) => wrap(`· ${note}`, columns, 2)),
  ];
}

function findingLines({ code, words, hint }: Finding, columns: number): string[] {
  return [...wrap(`${code}: ${words}`, columns, 2), ...hintLines(hint)];
}

function unaskedLines({ name, why, hint }: Unasked, columns: number): string[] {
  return [`? ${name}`, ...wrap(why, columns, 2), ...hintLines(hint)];
}

/** Commands and snippets to be pasted: never broken. */
function hintLines(hint: string): string[] {
  return hint
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `    ${line}`);
}
