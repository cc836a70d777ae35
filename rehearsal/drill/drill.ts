/** The drill: an app is measured with its cache, without one, and during and after each fault of its Redis. */

import { setTimeout as sleep } from "node:timers/promises";
import { advice } from "../../base/advice.ts";
import { commandLine } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { foreignText } from "../../base/safe-text.ts";
import { redactor } from "../../check/redact.ts";
import { appEnv, secretsOf } from "./app-env.ts";
import { AppProcess } from "./app-process.ts";
import { FAULT_WORDS, type FaultName } from "./faults.ts";
import { accepts, answers, ask, findApp, originOf, portOf } from "./find-app.ts";
import { isCompared, isMarginal, type Judgement, judge, type Observation, type Reference } from "./judge.ts";
import { isSuccess, type Load, latencyMs, percentile, type Sample, startLoad } from "./load.ts";
import { recoveredAfterMs, showsUse, type Use } from "./recovery.ts";
import { DrillRedis } from "./redis.ts";
import type { DrillReport, FaultResult, Latency } from "./report.ts";
import { failed, passed, repeatCommand, resultInWords, skipped } from "./words.ts";

export interface DrillOptions {
  /** Program and arguments. */
  command: readonly string[];
  /** URLs, or paths on the app. */
  requests: readonly string[];
  /** The URL or path of the health document. */
  health?: string;
  faults: readonly FaultName[];
  faultSeconds: number;
  limitMs: number;
  requestsPerSecond: number;
  env: Readonly<Record<string, string | undefined>>;
  envFile: Readonly<Record<string, string | undefined>>;
  /** As the user named it, to repeat a fault. */
  envFilePath?: string;
  /** The program redis-server. */
  redisServer: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** What an app gets to come up. */
const START_MS = 60_000;
/** What it gets to come up without Redis, and what its usual start took three times over. */
const START_WITHOUT_MS = 10_000;
/** The cache must be used again by then. */
const RECOVERY_MS = 10_000;
/** After the end of a fault its requests may still be answered for so long. */
const GRACE_MS = 2000;
/** What requests without a fault get to be answered. */
const PATIENCE_MS = 10_000;
/** The first requests of a process are slower than all others. */
const WARM_UP_MS = 1000;
const LONGEST_MEASURE_MS = 5000;
/** How long requests are sent before an app counts as one without Redis. */
const FIRST_COMMAND_MS = 5000;
const POLL_MS = 20;
const DEFAULT_HEALTH = "/health";

/** @throws PropiqError when the app cannot be drilled at all */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const redis = await DrillRedis.start(options.redisServer);
  const run = new Drill(options, redis);
  try {
    return await run.report();
  } finally {
    await run.stop();
    await redis.stop();
  }
}

/** Sample times and counts of one stretch without a fault. */
interface Stretch {
  samples: readonly Sample[];
  /** These and the earlier ones of the same load. */
  fromStart: readonly Sample[];
  latency: Latency;
  fromMs: number;
  toMs: number;
}

class Drill {
  readonly #options: DrillOptions;
  readonly #redis: DrillRedis;
  /** Takes secrets out. */
  readonly #redact: (text: string) => string;
  readonly #notes: string[] = [];
  /** Ports that others listened on before the app was started. */
  #taken: number[] = [];
  #app: AppProcess | undefined;
  #load: Load | undefined;
  /** Where the app is. */
  #origin = "";
  /** What its usual start took. */
  #startMs = 0;
  #defaultPath = DEFAULT_HEALTH;

  constructor(options: DrillOptions, redis: DrillRedis) {
    this.#options = options;
    this.#redis = redis;
    const secrets = [...secretsOf(options.env), ...secretsOf(options.envFile), redis.password];
    this.#redact = redactor(secrets);
  }

  async stop(): Promise<void> {
    this.#load?.stop();
    this.#load = undefined;
    await this.#app?.stop();
    this.#app = undefined;
  }

  async report(): Promise<DrillReport> {
    const { command, faultSeconds, limitMs, say } = this.#options;
    const startedMs = performance.now();
    await this.#noteTakenPorts();

    say("with the cache: starting the app");
    await this.#start(true);
    const { baseline, use } = await this.#withCache();
    say("without the cache: starting the app with REDIS_ENABLED=false");
    const reference = await this.#withoutCache();
    await this.#start(true);
    const faults = await this.#allFaults(use, reference);

    return {
      schema: 1,
      generatedAt: new Date().toISOString(),
      verdict: faults.every(({ verdict }) => verdict === "passed") ? "passed" : "failed",
      command: this.#redact(commandLine({ words: command })),
      durationMs: Math.round(performance.now() - startedMs),
      faultSeconds,
      limitMs,
      requests: this.#urls(),
      withoutCache: { p50Ms: rounded(reference.p50Ms), p99Ms: rounded(reference.p99Ms) },
      baseline: {
        p50Ms: rounded(baseline.p50Ms),
        p99Ms: rounded(baseline.p99Ms),
        commandsPerRequest: Math.round(use.commandsPerRequest * 100) / 100,
      },
      faults,
      notes: this.#notes,
    };
  }

  // Starting the app

  async #noteTakenPorts(): Promise<void> {
    const { health, env, envFile } = this.#options;
    const port = portGiven({ ...envFile, ...env });
    const named = health !== undefined && URL.canParse(health) ? health : undefined;
    const needed = named ?? (port === undefined ? undefined : originOf(port));
    if (needed !== undefined && (await accepts(needed))) throw portTaken(portOf(needed));
    const usual = [3000, 5000, 8000, 8080];
    const taken = await Promise.all(usual.map((each) => accepts(originOf(each))));
    this.#taken = usual.filter((_, index) => taken[index]);
  }

  /**
   * Starts the app, and waits until it answers.
   * @param isThere what is asked of it; it makes the first requests faster that come after it
   */
  async #start(enabled: boolean, isThere = this.#answers): Promise<void> {
    const startedMs = performance.now();
    const app = await this.#spawn(enabled);
    const limit = { withinMs: START_MS, signal: this.#options.signal };
    const origin = await findApp(app, this.#whereabouts(), isThere, limit);
    if (origin === undefined) throw this.#notThere(app, enabled);
    this.#origin = origin;
    this.#startMs = Math.max(this.#startMs, performance.now() - startedMs);
  }

  readonly #answers = (origin: string) => answers(new URL(this.#healthPath(), origin).href);

  async #spawn(enabled: boolean): Promise<AppProcess> {
    await this.stop();
    const { command, env, envFile, signal } = this.#options;
    signal.throwIfAborted();
    this.#app = await AppProcess.start(command, appEnv(env, envFile, this.#redis.target, enabled));
    return this.#app;
  }

  #whereabouts() {
    const { health, env, envFile } = this.#options;
    const port = portGiven({ ...envFile, ...env });
    return {
      taken: this.#taken,
      ...(health === undefined ? {} : { health }),
      ...(port === undefined ? {} : { port }),
    };
  }

  #healthPath(): string {
    return this.#options.health ?? this.#defaultPath;
  }

  #urls(): string[] {
    const { requests } = this.#options;
    const paths = requests.length > 0 ? requests : [this.#healthPath()];
    return paths.map((path) => new URL(path, this.#origin).href);
  }

  /** A line of the app's output, fit for a report. */
  #quote(line: string): string {
    return foreignText(line, this.#redact);
  }

  #notThere(app: AppProcess, enabled: boolean): PropiqError {
    const lines = app.lines.slice(-5).map((line) => `  ${this.#quote(line)}`);
    const output = lines.length === 0 ? "" : `\nIts last lines:\n${lines.join("\n")}`;
    const setting = enabled ? "" : " with REDIS_ENABLED=false";
    if (app.end !== undefined) {
      return new PropiqError(
        `The app ended${setting} before it answered (${endInWords(app.end)}).${output}`,
        {
          code: "APP_DID_NOT_START",
          next: advice(
            enabled
              ? "Start it without drill first, with a Redis that works."
              : "The app must start without a cache: each fault is compared with that.",
          ),
        },
      );
    }
    const where = this.#options.health ?? `${this.#origin || originOf(8080)}${DEFAULT_HEALTH}`;
    return new PropiqError(`The app did not answer${setting} within 60 s at ${where}.${output}`, {
      code: "APP_DID_NOT_START",
      next: advice("Set PORT to its port, or name its address: --health http://127.0.0.1:PORT/PATH"),
    });
  }

  // Measuring

  async #withCache(): Promise<{ baseline: Latency; use: Use }> {
    if (this.#usesDefaults()) await this.#chooseDefault();
    const { traffic } = this.#redis;
    this.#startLoad();
    const endMs = performance.now() + FIRST_COMMAND_MS;
    while (traffic.count() === 0 && performance.now() < endMs) await this.#sleep(POLL_MS);
    const stretch = await this.#measure();
    if (traffic.count() === 0) throw this.#noRedis();
    const failing = failedShares(stretch.samples);
    if ([...failing.values()].every((share) => share === 1)) throw this.#noSuccess(stretch.samples);
    for (const [url, share] of failing) {
      if (share > 0)
        this.#notes.push(`${url} fails with a working cache: ${percent(share)} of its requests.`);
    }
    const perRequest = (count: number) => count / Math.max(1, stretch.samples.length);
    const use = {
      commandsPerRequest: perRequest(traffic.count(stretch.fromMs, stretch.toMs)),
      dataPerRequest: perRequest(traffic.data(stretch.fromMs, stretch.toMs).length),
    };
    if (!showsUse(use)) {
      this.#notes.push(
        "The requests send no commands to Redis. Name requests that use the cache with --request, or the result says little.",
      );
    }
    return { baseline: stretch.latency, use };
  }

  async #withoutCache(): Promise<Reference> {
    await this.#start(false, accepts);
    this.#startLoad();
    await this.#firstAnswer();
    const stretch = await this.#measure();
    const { traffic } = this.#redis;
    if (traffic.count(stretch.fromMs, stretch.toMs) > 0) {
      this.#notes.push(
        "The app uses Redis even with REDIS_ENABLED=false. Its latency without a cache is not known, so the limit may be too strict.",
      );
    }
    const coldP99Ms = latencyOf(stretch.fromStart).p99Ms;
    const reference = { ...stretch.latency, failedShares: failedShares(stretch.samples), coldP99Ms };
    const left = this.#urls().filter((url) => !isCompared({ url, startedMs: 0 }, reference));
    if (left.length === this.#urls().length) throw this.#failsWithout(stretch.samples);
    for (const url of left) this.#notes.push(`${url} also fails without a cache, so it is not judged.`);
    return reference;
  }

  #usesDefaults(): boolean {
    const { requests, health } = this.#options;
    return requests.length === 0 && health === undefined;
  }

  /** An app without a health document has a front page. */
  async #chooseDefault(): Promise<void> {
    const statusOf = async (path: string) => (await ask(new URL(path, this.#origin).href)).status;
    if ((await statusOf(DEFAULT_HEALTH)) === 404 && (await statusOf("/")) !== 404) this.#defaultPath = "/";
  }

  #startLoad(): void {
    this.#load?.stop();
    this.#load = startLoad(this.#urls(), this.#options.requestsPerSecond);
  }

  /** A stretch without a fault, after the first requests. Ends the load. */
  async #measure(): Promise<Stretch> {
    const load = this.#running();
    await this.#sleep(WARM_UP_MS);
    const fromMs = performance.now();
    await this.#sleep(Math.min(LONGEST_MEASURE_MS, Math.max(WARM_UP_MS, this.#options.faultSeconds * 1000)));
    const toMs = performance.now();
    load.pause();
    const fromStart = load.samples.filter(({ startedMs }) => startedMs < toMs);
    const samples = fromStart.filter(({ startedMs }) => startedMs >= fromMs);
    await this.#until(() => samples.every(({ endedMs }) => endedMs !== undefined), PATIENCE_MS);
    load.stop();
    return { samples, fromStart, latency: latencyOf(samples), fromMs, toMs };
  }

  /** Waits for the first answer to the load. */
  async #firstAnswer(): Promise<void> {
    const { samples } = this.#running();
    const hasAnswer = () => samples.some(({ status }) => status !== undefined);
    await this.#until(() => hasAnswer() || this.#hasDied(), START_MS);
    if (this.#app !== undefined && !hasAnswer()) throw this.#notThere(this.#app, false);
  }

  // Faults

  async #allFaults(use: Use, reference: Reference): Promise<FaultResult[]> {
    const { faults, say } = this.#options;
    const results: FaultResult[] = [];
    for (const [index, fault] of faults.entries()) {
      say(`${fault} (${index + 1} of ${faults.length}): ${FAULT_WORDS[fault]}`);
      const result = await this.#oneFault(fault, use, reference);
      say(resultInWords(result));
      results.push(result);
    }
    return results;
  }

  async #oneFault(fault: FaultName, use: Use, reference: Reference): Promise<FaultResult> {
    const { limitMs } = this.#options;
    let seen = await this.#trial(fault, use);
    if (seen === undefined) return skipped(fault);
    let judgement = judge(seen, reference, limitMs);
    if (isMarginal(judgement)) {
      this.#options.say(`${fault} again: few requests were slow, which a busy machine does as well`);
      seen = (await this.#trial(fault, use)) ?? seen;
      judgement = judge(seen, reference, limitMs);
    }
    return this.#resultOf(seen, judgement);
  }

  #resultOf(seen: Observation, judgement: Judgement): FaultResult {
    const { code } = judgement;
    if (code === undefined) return passed(seen, judgement);
    return failed(seen, { ...judgement, code }, this.#redact(repeatCommand(seen.fault, this.#options)));
  }

  /** @returns undefined when the app cannot be started again */
  async #trial(fault: FaultName, use: Use): Promise<Observation | undefined> {
    if (fault === "start-without") return await this.#startWithout(use);
    if (!(await this.#isWell(use))) return undefined;
    const beganMs = performance.now();
    const end = await this.#redis.begin(fault);
    return await this.#watch(fault, { beganMs, end, use });
  }

  /** Sees to it that the app runs and uses its cache, if need be by a restart. @returns whether it does */
  async #isWell(use: Use): Promise<boolean> {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      try {
        if (this.#app === undefined || this.#hasDied()) await this.#start(true);
      } catch (error) {
        if (error instanceof PropiqError) return false;
        throw error;
      }
      if (this.#load === undefined) {
        this.#startLoad();
        await this.#sleep(WARM_UP_MS);
      }
      if ((await this.#recovered(use)) !== undefined) return true;
      await this.stop();
    }
    return false;
  }

  async #startWithout(use: Use): Promise<Observation> {
    await this.stop();
    const end = await this.#redis.begin("start-without");
    const beganMs = performance.now();
    const app = await this.#spawn(true);
    const limit = { withinMs: START_WITHOUT_MS + 3 * this.#startMs, signal: this.#options.signal };
    const origin = await findApp(app, this.#whereabouts(), accepts, limit);
    if (origin !== undefined) {
      this.#origin = origin;
      this.#startLoad();
      return await this.#watch("start-without", { beganMs: performance.now(), end, use });
    }
    await end();
    const seen = { ...this.#nothingSeen("start-without", beganMs), ...this.#deathSince(beganMs) };
    await this.stop();
    return { ...seen, started: false };
  }

  /** Watches the app through a fault that has begun, and until it has recovered. */
  async #watch(
    fault: FaultName,
    { beganMs, end, use }: { beganMs: number; end: () => Promise<void>; use: Use },
  ): Promise<Observation> {
    const { samples } = this.#running();
    // Only cut connections can be made again during the fault; all others need a Redis that is well.
    let sinceMs = fault === "drop" ? beganMs : Number.POSITIVE_INFINITY;
    let recovered: number | undefined;
    const look = () => {
      const nowMs = performance.now();
      if (nowMs >= sinceMs && nowMs < sinceMs + RECOVERY_MS) recovered ??= this.#recoveredSince(sinceMs, use);
    };
    await this.#until(() => {
      look();
      return this.#hasDied();
    }, this.#options.faultSeconds * 1000);
    const endedMs = performance.now();
    await end();
    sinceMs = Math.min(sinceMs, performance.now());
    const during = samples.filter(({ startedMs }) => startedMs >= beganMs && startedMs < endedMs);
    const givenUpMs = endedMs + GRACE_MS;
    const recoveryEndMs = sinceMs + RECOVERY_MS;
    await this.#until(() => {
      look();
      const nowMs = performance.now();
      const isAnswered = nowMs >= givenUpMs || during.every((sample) => sample.endedMs !== undefined);
      return this.#hasDied() || (isAnswered && (recovered !== undefined || nowMs >= recoveryEndMs));
    }, Math.max(givenUpMs, recoveryEndMs) - performance.now());
    const after = samples.filter((sample) => sample.startedMs >= endedMs && sample.endedMs !== undefined);
    const seen = {
      ...{ fault, beganMs, endedMs, givenUpMs, during, after, started: true },
      ...this.#deathSince(beganMs),
      ...(recovered === undefined ? {} : { recoveredAfterMs: recovered }),
    };
    // It has to be started again, or its next fault would be judged by this one.
    if (recovered === undefined) await this.stop();
    return seen;
  }

  #nothingSeen(fault: FaultName, beganMs: number): Omit<Observation, "started"> {
    const nowMs = performance.now();
    return { fault, beganMs, endedMs: nowMs, givenUpMs: nowMs, during: [], after: [] };
  }

  #deathSince(beganMs: number): Pick<Observation, "death"> {
    const app = this.#app;
    if (app?.end === undefined) return {};
    const { code, signal, atMs } = app.end;
    const line = lastWords(app.lines);
    return {
      death: {
        ...{ code, signal, afterMs: Math.max(0, atMs - beganMs) },
        ...(line === undefined ? {} : { lastLine: this.#quote(line) }),
      },
    };
  }

  #recoveredSince(sinceMs: number, use: Use): number | undefined {
    const { samples } = this.#running();
    return recoveredAfterMs(this.#redis, samples, use, { sinceMs, nowMs: performance.now() });
  }

  /** Waits until the cache is in use. */
  async #recovered(use: Use): Promise<number | undefined> {
    const sinceMs = performance.now();
    let recovered: number | undefined;
    await this.#until(() => {
      recovered = this.#recoveredSince(sinceMs, use);
      return recovered !== undefined || this.#hasDied();
    }, RECOVERY_MS);
    return recovered;
  }

  #hasDied(): boolean {
    return this.#app?.end !== undefined;
  }

  // Small things

  #running(): Load {
    if (this.#load === undefined) throw new Error("no requests are being sent");
    return this.#load;
  }

  #sleep(ms: number): Promise<void> {
    return sleep(Math.max(0, ms), undefined, { signal: this.#options.signal });
  }

  async #until(holds: () => boolean, withinMs: number): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!holds() && performance.now() < endMs) await this.#sleep(POLL_MS);
  }

  // Why there is nothing to judge

  #noRedis(): PropiqError {
    const names = "REDIS_URL, or REDIS_HOST, REDIS_PORT and REDIS_PASSWORD";
    return new PropiqError("The app sent no command to Redis, so there is nothing to drill.", {
      code: "APP_WITHOUT_REDIS",
      next: advice(
        `Check that it reads ${names}. If only some requests use the cache, name one: --request /PATH`,
      ),
    });
  }

  #noSuccess(samples: readonly Sample[]): PropiqError {
    return new PropiqError(`No request succeeds with a working cache. ${answersInWords(samples)}`, {
      code: "REQUESTS_FAIL",
      next: advice("Name requests that succeed without signing in: --request /PATH"),
    });
  }

  #failsWithout(samples: readonly Sample[]): PropiqError {
    return new PropiqError(`No request succeeds with REDIS_ENABLED=false. ${answersInWords(samples)}`, {
      code: "REQUESTS_FAIL",
      next: advice(
        "The app must work without a cache: each fault is compared with that. Name other requests: --request /PATH",
      ),
    });
  }
}

function portGiven({ PORT }: Readonly<Record<string, string | undefined>>): number | undefined {
  const port = Number(PORT ?? "");
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function portTaken(port: number): PropiqError {
  return new PropiqError(`Port ${port} is in use by another process, so the app cannot listen there.`, {
    code: "PORT_IN_USE",
    next: advice(`Stop that process, or set PORT to another port, for example PORT=${port + 1}.`),
  });
}

/** The line that says most: an error with its message, else the last that is not a part of a stack trace. */
function lastWords(lines: readonly string[]): string | undefined {
  const error = lines.findLast((line) => /^\s*(Uncaught )?[\w.]*(Error|Exception)\b[^:]*: /.test(line));
  return error ?? lines.findLast((line) => /\S/.test(line) && !/^\s*(at |Node\.js v|[{}^~])/.test(line));
}

function endInWords({ code, signal }: { code: number | null; signal: string | null }): string {
  return code === null ? `signal ${signal}` : `exit code ${code}`;
}

function latencyOf(samples: readonly Sample[]): Latency {
  const nowMs = performance.now();
  const latencies = samples.map((sample) => latencyMs(sample, nowMs));
  return { p50Ms: percentile(latencies, 0.5) ?? 0, p99Ms: percentile(latencies, 0.99) ?? 0 };
}

function failedShares(samples: readonly Sample[]): Map<string, number> {
  const byUrl = Map.groupBy(samples, ({ url }) => url);
  return new Map(
    [...byUrl].map(([url, each]) => [url, each.filter((sample) => !isSuccess(sample)).length / each.length]),
  );
}

function answersInWords(samples: readonly Sample[]): string {
  const parts = samples.map(
    ({ url, status, error }) => `GET ${url}: ${error ?? `HTTP ${status ?? "no answer"}`}`,
  );
  return [...new Set(parts)].slice(0, 5).join("; ");
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** To a tenth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
