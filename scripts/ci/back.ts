/** The words after a deploy that did not end well: what is deployed now, and the command that restores the previous plan. Pure. */
import { commandLine, ENTER_PASSPHRASE, propiq, pulumi, setConfig } from "../../base/command.ts";
import { repairStack } from "../../operations/stacks/conflict.ts";

export interface Failure {
  stack: string;
  /** What was deployed before; nothing at the first deploy, or where the state could not be read. */
  planBefore?: string | undefined;
  planNow: string | undefined;
  /** How far it got. */
  up: "success" | "failure" | "skipped";
  verify: "success" | "failure" | "skipped";
  /** Where the state is kept, as the pipeline has it. */
  backend: string;
  commit: string;
}

export function wayBack(failure: Failure): string {
  const { stack, up, verify } = failure;
  if (up === "skipped") {
    return "Nothing was changed: it stopped before the update. The message above says why, and what to do.";
  }
  if (up === "failure") {
    return [
      "The update did not end. The app has its previous settings, or all of the new ones. The cache that they name exists.",
      "Fix what the message above names, then run this job again. Or revert the commit:",
      ...undoCommit(failure),
      "If a run was killed, this recovers the stack:",
      ...signedIn(failure),
      commandLine(repairStack(stack)),
    ].join("\n");
  }
  if (verify !== "failure") return "The deploy itself went well; only a later step did not.";
  return [
    "The new settings are written, and the check failed. Users first: this makes the app run without its cache at once:",
    ...signedIn(failure),
    commandLine(propiq("off", "--stack", stack)),
    ...goBack(failure),
  ].join("\n");
}

function goBack(failure: Failure): string[] {
  const { stack, planBefore, planNow } = failure;
  if (planBefore === undefined) {
    return ["Nothing was deployed before. To remove all of it:", commandLine(pulumi(stack, "destroy"))];
  }
  if (planBefore === planNow) {
    return [
      `The plan is ${planBefore} as before. To restore the previous settings, revert the commit:`,
      ...undoCommit(failure),
    ];
  }
  return [
    `To return to plan ${planBefore}:`,
    [setConfig(stack, "plan", planBefore), pulumi(stack, "up")].map(commandLine).join(" && "),
    "or by this pipeline:",
    ...undoCommit(failure),
  ];
}

function undoCommit({ commit }: Failure): string[] {
  return [`git revert --no-edit ${commit.slice(0, 12) || "HEAD"} && git push`];
}

/** What the shell needs first: the back end, and the passphrase, which the user enters. */
function signedIn({ backend }: Failure): string[] {
  // A URL of another kind may hold a password.
  const shown = /^(azblob|s3|gs|https):\/\/[^@]*$/.test(backend) ? backend : "YOUR_STATE_URL";
  return [`az login && export PULUMI_BACKEND_URL='${shown}'`, commandLine(ENTER_PASSPHRASE)];
}
