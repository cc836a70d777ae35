/** `drill`: an app of the user's, run against a Redis that fails in every way. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { distance } from "fastest-levenshtein";
import { advice } from "../../base/advice.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { drill } from "../../rehearsal/drill/drill.ts";
import { DRILL_FORMATS, type DrillFormat, FAULTS, type FaultName } from "../../rehearsal/drill/faults.ts";
import { render } from "../../rehearsal/drill/render/formats.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { printReport, sayBeside } from "../print.ts";
import { terminal, writeReport } from "./output.ts";

export interface DrillCommandOptions {
  request?: string[];
  health?: string;
  faults?: string;
  faultSeconds: number;
  limitMs: number;
  requestsPerSecond: number;
  envFile?: string;
  format: DrillFormat;
  report?: string[];
  install?: boolean;
}

export async function drillCommand(
  command: readonly string[],
  options: DrillCommandOptions,
): Promise<number> {
  const files = (options.report ?? []).map(reportFile);
  const faults = faultsOf(options.faults);
  const addresses = { requests: (options.request ?? []).map(address), ...healthOf(options) };
  const envFile = options.envFile === undefined ? {} : await readEnvFile(options.envFile);
  const redis = await ensureRedisServer({
    install: options.install ? "yes" : "ask",
    say: sayBeside,
    env: process.env,
  });
  const { faultSeconds, limitMs, requestsPerSecond } = options;
  const report = await interruptible((signal) =>
    drill({
      ...{
        command,
        faults,
        ...addresses,
        faultSeconds,
        limitMs,
        requestsPerSecond,
        say: sayBeside,
        signal,
        envFile,
      },
      ...(options.envFile === undefined ? {} : { envFilePath: options.envFile }),
      env: process.env,
      redisServer: redis.bin,
    }),
  );
  sayBeside("");
  printReport(render(report, options.format, terminal()));
  for (const { format, path } of files) {
    await writeReport(path, render(report, format, { color: false, width: 100 }));
  }
  return report.verdict === "passed" ? 0 : EXIT.no;
}

/** Ends everything that was started before it lets go. @throws PropiqError when the user interrupts */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    throw new PropiqError("Interrupted: there is no report.", {
      code: "INTERRUPTED",
      next: advice("The app and its Redis were stopped."),
      exitCode: EXIT.interrupted,
      cause: error,
    });
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

function faultsOf(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return FAULTS;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isFault(name));
  if (unknown.length === 0) return [...new Set(names.filter(isFault))];
  const [first = ""] = unknown;
  const [nearest = ""] = FAULTS.toSorted((a, b) => distance(a, first) - distance(b, first));
  const guess = distance(nearest, first) <= 3 && first !== "" ? ` Did you mean ${nearest}?` : "";
  throw new PropiqError(`Unknown fault: ${unknown.map((name) => name || "(empty)").join(", ")}.${guess}`, {
    code: "USAGE",
    next: advice(`Faults: ${FAULTS.join(", ")}`),
  });
}

function isFault(name: string): name is FaultName {
  return (FAULTS as readonly string[]).includes(name);
}

function healthOf({ health }: DrillCommandOptions): { health?: string } {
  return health === undefined ? {} : { health: address(health) };
}

/** A URL, or a path on the app. */
function address(text: string): string {
  const isPath = text.startsWith("/") && !text.startsWith("//");
  const url = isPath ? undefined : URL.parse(text);
  if (!isPath && (url === null || !/^https?:$/.test(url?.protocol ?? ""))) {
    throw new PropiqError("--request and --health need a URL, or a path on the app.", {
      code: "USAGE",
      next: advice("For example: --request http://127.0.0.1:8080/users/1, or --request /users/1"),
    });
  }
  if (url?.username || url?.password) {
    throw new PropiqError("An address of --request or --health must not hold a password.", {
      code: "PASSWORD_IN_ARGUMENT",
      next: advice("Other users can read command lines. Name an address that needs no password."),
    });
  }
  return text;
}

async function readEnvFile(path: string): Promise<NodeJS.Dict<string>> {
  try {
    return parseEnv(await readFile(path, "utf8"));
  } catch (error) {
    throw new PropiqError(`The env file ${path} could not be read.`, {
      code: "FILE_UNUSABLE",
      next: advice(
        "Check that it exists and that you may read it. The path is relative to the current folder.",
      ),
      cause: error,
    });
  }
}

function reportFile(text: string): { format: DrillFormat; path: string } {
  const [, format = "", path = ""] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  const known = DRILL_FORMATS.find((name) => name === format);
  if (known !== undefined) return { format: known, path: resolve(path) };
  throw new PropiqError("--report needs a format and a file, as in json=drill.json.", {
    code: "USAGE",
    next: advice(`Formats: ${DRILL_FORMATS.join(", ")}`),
  });
}
