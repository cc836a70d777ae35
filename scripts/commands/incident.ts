/** `incident`: the impact, the command that ends it, since when, and what changed. Reads only. */

import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { renderIncident } from "../../operations/incident/report.ts";
import { writeReports } from "./output.ts";

export interface IncidentOptions {
  stack?: string;
  appName?: string;
  resourceGroup?: string;
  slot?: string;
  history?: string;
  format: "text" | "json";
  report?: string[];
}

/** @returns 0 without user impact, 1 with, 2 where neither app nor cache could be asked */
export async function incident(options: IncidentOptions): Promise<number> {
  const { stack, appName, resourceGroup, slot, history } = options;
  const isApp = appName !== undefined && resourceGroup !== undefined;
  if ((stack === undefined) === !isApp || (appName === undefined) !== (resourceGroup === undefined))
    throw new PropiqError(
      "incident requires a stack, or the name and the resource group of an App Service.",
      {
        code: "USAGE",
        next: advice(
          "Name one of them.",
          propiq("incident", "--stack", "prod"),
          propiq("incident", "--app-name", "NAME", "--resource-group", "GROUP"),
        ),
      },
    );
  // Wrong words are refused without loading what the answer needs.
  const { incidentOf } = await import("../../operations/incident/incident.ts");
  const runs = history === undefined ? [] : (await (await import("./history.ts")).openHistory(history)).runs;
  const report = await incidentOf({
    stack,
    runs,
    ...(isApp ? { app: { name: appName, resourceGroup, slot } } : {}),
  });
  await writeReports(report, renderIncident, options);
  if (report.verdict === "failed" && report.codes.length === 0) return EXIT.notAsked;
  return report.impact === "none" ? 0 : EXIT.no;
}
