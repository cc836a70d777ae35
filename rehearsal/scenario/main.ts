/**
 * A rehearsal's own process. The command starts it inside the confinement, sends it the job over its channel, and
 * prints what it reports. It ends with the command: see guarded.ts.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import type { Job, Message } from "./job.ts";
import { observe } from "./observe.ts";
import { FAIL_AT } from "./options.ts";
import { type RehearsalReport, type Step, verdictOf } from "./report.ts";
import { ask, sendRequests } from "./requests.ts";
import { runSteps } from "./run.ts";
import { openShell } from "./shell.ts";
import { type Stage, setStage } from "./stage.ts";
import { stepsOf } from "./steps.ts";

/** Of the example app: all that it caches. */
const EXAMPLE_PATHS = ["profile", "analyses", "dashboard"].flatMap((what) =>
  ["1", "2", "3", "4"].map((user) => `/users/${user}/${what}`),
);
/** How long an app may take to answer for the first time. */
const FIRST_ANSWER_MS = 60_000;

const tell = (message: Message): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });

process.once("message", (job: Job) => {
  void (async () => {
    try {
      await rehearse(job);
    } catch (error) {
      await tell(failureOf(error));
    }
    process.exit(0);
  })();
});
// Without the command nobody reads what comes.
process.once("disconnect", () => process.exit(1));
// A Ctrl-C belongs to the command, or to the shell of --shell.
for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => {});

function failureOf(error: unknown): Message {
  if (error instanceof PropiqError)
    return { kind: "failed", message: error.message, code: error.code, next: error.next };
  const stack = error instanceof Error ? error.stack : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: "failed",
    message,
    code: "REHEARSAL_FAILED",
    next: advice("This is a bug in propiq-cache. Report it."),
    ...(stack && { stack }),
  };
}

async function rehearse(job: Job): Promise<void> {
  const beganAt = performance.now();
  await tell({ kind: "say", line: "Starting the emulated Azure, Upstash and app" });
  const stage = await setStage(job);
  try {
    refuseImpossible(job, stage);
    await untilAppAnswers(stage);
    if (job.shell) {
      const code = await openShell(stage, job);
      await tell({ kind: "shell-ended", code, attempts: await stage.attempts() });
    } else await tell({ kind: "report", report: await walk(job, stage, beganAt) });
  } finally {
    await stage.stop();
  }
}

/** @throws PropiqError where a failure has nothing to happen to */
function refuseImpossible({ failAt }: Job, { hasApps, stack }: Stage): void {
  if (failAt === undefined || hasApps || !["settings", "restart"].includes(failAt)) return;
  throw new PropiqError(`--fail-at ${failAt} needs an App Service, and stack ${stack} has no app.`, {
    code: "USAGE",
    next: advice(
      `Use one of: ${FAIL_AT.filter((step) => !["settings", "restart"].includes(step)).join(", ")}`,
    ),
  });
}

/** @throws PropiqError with what the app printed */
async function untilAppAnswers({ clouds, healthPath }: Stage): Promise<void> {
  const until = performance.now() + FIRST_ANSWER_MS;
  for (const site of clouds.sites) {
    while (!(await ask(site.url + healthPath, clouds.authority.certificate, 5000))) {
      if (performance.now() < until) continue;
      throw new PropiqError(
        `The app of ${site.name} did not answer ${healthPath} within 60 s.\n${site.app.output()}`,
        {
          code: "APP_DID_NOT_START",
          next: advice(
            "The app must listen on the port in $PORT: --app-command 'uvicorn main:app --port $PORT'",
          ),
        },
      );
    }
  }
}

async function walk(job: Job, stage: Stage, beganAt: number): Promise<RehearsalReport> {
  const { clouds, hasApps, healthPath, plan, stack } = stage;
  const [site] = clouds.sites;
  const traffic =
    site === undefined
      ? undefined
      : sendRequests({
          url: site.url,
          ca: clouds.authority.certificate,
          paths: job.appCommand === undefined ? EXAMPLE_PATHS : [healthPath],
          perSecond: job.requestsPerSecond,
        });
  const journey = { stack, first: plan, plans: job.plans, hasApps, hasRotate: knows(stage, "rotate") };
  const steps = await runSteps(stepsOf(journey), {
    ...{ stage, observer: observe(clouds.sites), traffic, failAt: job.failAt },
    progress(event) {
      void tell(
        "began" in event
          ? { kind: "began", name: event.began, command: event.command }
          : { kind: "ended", step: event.ended },
      );
    },
  });
  await traffic?.stop();
  const late = await stage.attempts();
  if (late.length > 0) markLate(steps, late);
  return {
    schema: 1,
    generatedAt: new Date().toISOString(),
    verdict: verdictOf(steps),
    stack,
    plugins: stage.plugins,
    isolation: job.isolation,
    notMapped: stage.notMapped,
    app: !hasApps ? "none" : job.appCommand === undefined ? "example" : "own",
    durationMs: Math.round(performance.now() - beganAt),
    notes: notesOf(job, stage),
    steps,
  };
}

function markLate(steps: Step[], attempts: readonly string[]): void {
  const last = steps.at(-1);
  if (last === undefined || last.code !== undefined) return;
  last.code = "LEFT_LOOPBACK";
  last.observed = `A program tried to connect to ${attempts.slice(0, 5).join(", ")}. It was refused.`;
}

function notesOf({ appCommand, isolation, failAt }: Job, { hasApps, plugins }: Stage): string[] {
  return [
    ...(hasApps ? [] : ["The stack wires no App Service: no requests were sent."]),
    ...(appCommand === undefined
      ? []
      : ["The app is your own: it may connect to other machines, and nothing watches it."]),
    ...(isolation === "proxy"
      ? [
          "There is no separate network: our own programs refuse other hosts, and so does the proxy that all others use.",
        ]
      : []),
    ...(failAt === undefined ? [] : [`The cloud failed on purpose: --fail-at ${failAt}.`]),
    ...(Object.values(plugins).includes("real")
      ? []
      : [
          "The providers' plugins are stand-ins. They send what the real ones send, as far as their sources say.",
        ]),
  ];
}

/** Whether the command line of the project has this command. */
const knows = ({ root }: Stage, word: string): boolean =>
  existsSync(join(root, "scripts", "commands", `${word}.ts`));
