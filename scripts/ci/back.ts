/** The words after a deploy that did not end well: what is the case now, and the command that goes back. Pure. */
import { commandLine } from "../../base/command.ts";
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
    return "Nothing was changed: it stopped before the update. What is wrong, and what to type, is told above.";
  }
  if (up === "failure") {
    return [
      "The update did not end. The app has the settings that it had, or the new ones whole; the cache that it names is alive.",
      "Mend what is told above, then run this job again; or undo the commit:",
      ...undoCommit(failure),
      "If a run was killed, this recovers the stack:",
      ...signedIn(failure),
      commandLine(repairStack(stack)),
    ].join("\n");
  }
  if (verify !== "failure") return "The deploy itself went well; only a later step did not.";
  return [
    "The new settings are written, and the check failed. Users first: this makes the app go on without its cache, at once:",
    ...signedIn(failure),
    `./propiq-cache off --stack ${stack}`,
    ...goBack(failure),
  ].join("\n");
}

function goBack(failure: Failure): string[] {
  const { stack, planBefore, planNow } = failure;
  if (planBefore === undefined) {
    return [
      "There was nothing deployed before. To take it all away:",
      `./propiq-cache pulumi destroy --stack ${stack}`,
    ];
  }
  if (planBefore === planNow) {
    return [
      `The plan is ${planBefore} as before. To go back to the settings before, undo the commit:`,
      ...undoCommit(failure),
    ];
  }
  return [
    `To go back to plan ${planBefore}:`,
    `./propiq-cache pulumi config set plan ${planBefore} --stack ${stack} && ./propiq-cache pulumi up --stack ${stack}`,
    "or by this pipeline:",
    ...undoCommit(failure),
  ];
}

function undoCommit({ commit }: Failure): string[] {
  return [`git revert --no-edit ${commit.slice(0, 12) || "HEAD"} && git push`];
}

/** What a shell needs before: where the state is, and the passphrase, which is typed. */
function signedIn({ backend }: Failure): string[] {
  // A URL of another kind may hold a password.
  const shown = /^(azblob|s3|gs|https):\/\/[^@]*$/.test(backend) ? backend : "YOUR_STATE_URL";
  return [
    `az login && export PULUMI_BACKEND_URL='${shown}'`,
    "read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE",
  ];
}
