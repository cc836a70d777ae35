/** The text for a user who is informed about drift. Pure. */
import { commandLine, onStack, propiq } from "../../base/command.ts";
import { codeBlock } from "../../check/render/markdown-text.ts";
import { timeInWords } from "../../check/words.ts";
import { issueMarker, type Notice } from "./notice.ts";
import { outcomeOf } from "./watch.ts";

/** Characters of the command's text that an issue shows. */
const MOST = 20_000;

const TITLES = { failed: "has drifted", unasked: "could not be compared with its cloud", well: "" } as const;

/** @param text what `drift` printed @param exitCode what it ended with @param now ISO 8601, UTC */
export function driftNotice(given: {
  stack: string;
  text: string;
  exitCode: number;
  now: string;
  runUrl: string;
}): Notice {
  const { stack, text, exitCode, now, runUrl } = given;
  const outcome = outcomeOf(exitCode);
  const base = {
    schema: 1 as const,
    about: "drift" as const,
    // Nothing is kept from the day before: each drift is reported.
    turned: outcome !== "well",
    stack,
    title: `Stack ${stack} ${TITLES[outcome]}`,
    lines: [],
  };
  if (outcome === "well")
    return { ...base, action: "well", body: `No drift any more at ${timeInWords(now)}: ${runUrl}` };
  const lines = [
    issueMarker(base),
    `State, cloud and app of stack ${stack} were compared at ${timeInWords(now)}; nothing was changed.`,
    "",
    ...codeBlock(text.trim().slice(0, MOST) || "It printed nothing: the run's log says more."),
    "",
    "**What to type**",
    "",
    "```sh",
    commandLine(propiq("drift", "--stack", stack)),
    `${commandLine(onStack(stack, "repair"))}   # shows what it will do, and asks`,
    "```",
    "",
    `_The last run: ${runUrl}_`,
  ];
  return { ...base, action: "alarm", body: lines.join("\n") };
}
