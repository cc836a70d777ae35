/** `rotate`: a new secret for a stack's cache, and the proof that the old one is refused. */

import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { safeLines } from "../../base/safe-text.ts";
import { restartsOf } from "../../operations/rotate/plan.ts";
import { type DryRun, renderPlan, renderRotation } from "../../operations/rotate/report.ts";
import type { Situation } from "../../operations/rotate/situation.ts";
import { confirm } from "../../toolchain/confirm.ts";
import { printError, printReport, sayBeside as say } from "../print.ts";
import { standardInput, writeReports } from "./output.ts";

export interface RotateOptions {
  stack: string;
  yes?: boolean;
  dryRun?: boolean;
  yesAdopted?: boolean;
  format: "text" | "json";
  report?: string[];
}

/** @returns 0 where the old secret is refused, 1 where the rotation ran and failed */
export async function rotate(options: RotateOptions): Promise<number> {
  const { stack, yes = false, dryRun = false } = options;
  const hasTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!yes && !dryRun && !hasTerminal) throw needsYes(stack);
  // Wrong words are refused without loading what the rotation needs.
  const [{ ensurePulumi }, { situationOf }, { secretsOf }, { runRotation }] = await Promise.all([
    import("../../toolchain/pulumi.ts"),
    import("../../operations/rotate/situation.ts"),
    import("../../operations/rotate/secrets.ts"),
    import("../../operations/rotate/run.ts"),
  ]);
  const cli = await ensurePulumi({ install: "no", say, env: process.env });
  const situation = await situationOf(cli, stack);
  refuseAdopted(situation, options);
  const isExternal = situation.config.settings.plan === "external";
  const newUrl = isExternal && !dryRun ? await standardInput("Paste the new URL, then Enter: ") : undefined;
  const secrets = await secretsOf({ situation, ...(newUrl === undefined ? {} : { newUrl }) });
  const preview: DryRun = {
    ...{ schema: 1, dryRun: true, stack, plan: situation.config.settings.plan },
    steps: secrets.steps.map(({ name }) => ({ name })),
    restarts: restartsOf(secrets.steps),
    users: situation.users,
    ...(await connectionsOf(situation)),
  };
  if (dryRun) {
    printReport(options.format === "json" ? `${JSON.stringify(preview, null, 2)}\n` : renderPlan(preview));
    return 0;
  }
  printError(safeLines(renderPlan(preview)));
  if (!yes && !(await confirm("Rotate the secret now?"))) {
    say("Nothing was changed.");
    return EXIT.notAsked;
  }
  const report = await runRotation({ cli, situation, secrets, say });
  await writeReports(report, renderRotation, options);
  return report.verdict === "rotated" ? 0 : EXIT.no;
}

async function connectionsOf({ deployed }: Situation): Promise<Pick<DryRun, "connectedClients">> {
  const { checkCache } = await import("../../check/check.ts");
  const { measurements } = await checkCache(
    { enabled: true, target: deployed },
    { samples: 1, deadlineMs: 5000 },
  );
  const { connectedClients } = measurements;
  // Without the check's own.
  return connectedClients === undefined ? {} : { connectedClients: Math.max(0, connectedClients - 1) };
}

function needsYes(stack: string): PropiqError {
  return new PropiqError("rotate asks before it changes anything, and there is no terminal to ask at.", {
    code: "NEEDS_CONFIRMATION",
    next: advice(
      "See what it does with --dry-run. Answer beforehand with --yes.",
      propiq("rotate", "--stack", stack, "--dry-run"),
      propiq("rotate", "--stack", stack, "--yes"),
    ),
  });
}

function refuseAdopted({ config, stack }: Situation, { dryRun, yesAdopted }: RotateOptions): void {
  const { azure, upstash, plan } = config.settings;
  const adopted = plan.startsWith("upstash") ? upstash?.adopt : azure?.adopt;
  if (adopted === undefined || plan === "external" || dryRun || yesAdopted) return;
  throw new PropiqError(
    `The cache ${adopted} is adopted: this stack did not create it, and others may use its keys. Nothing was rotated.`,
    {
      code: "ROTATE_REFUSED",
      next: advice("To rotate it anyway:", propiq("rotate", "--stack", stack, "--yes-adopted")),
    },
  );
}
