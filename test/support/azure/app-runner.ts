/**
 * What stands behind a site: the example app as real processes, restarted when settings change in one of the ways
 * in which App Service does it, behind an HTTPS front door.
 */
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_ROOT } from "../../../infra/paths.ts";
import type { Authority } from "../tls.ts";
import {
  type Destination,
  type FrontDoor,
  HEALTH_PATH,
  type RequestCounts,
  startFrontDoor,
} from "./app-runner-front-door.ts";
import type { Health } from "./app-runner-health.ts";
import { startWorker, type Worker } from "./app-runner-worker.ts";

/**
 * - `overlapping`: the old worker answers until the new one is warm, and for a while beside it
 * - `slow`: the old worker goes first; requests wait until the new one is warm
 * - `hard`: the old worker is killed; until the new one is warm, requests are answered with 503
 */
export type RestartMode = "overlapping" | "slow" | "hard";

/** `crash-loop`: the app ends as soon as it starts, again and again. `stuck`: new settings never reach a worker. */
export type Start = "fine" | "crash-loop" | "stuck";

type Settings = Readonly<Record<string, string>>;

export interface AppOptions {
  mode?: RestartMode;
  /** Workers at a time. */
  instances?: number;
  /** How long old and new answer side by side, how long a slow start takes at least, or how long the gap is. */
  restartMs?: number;
  /** What the health document of a worker looks like, by its settings if need be; asked at each request. */
  health?: Health | ((settings: Settings) => Health);
  /** How a worker with these settings starts; asked at each restart. */
  start?: Start | ((settings: Settings) => Start);
  /** The app's program. */
  file?: string;
}

export type AppEvent = {
  kind: "worker-started" | "worker-stopped" | "worker-failed";
  pid: number;
  /** Of the settings that it started with. */
  fingerprint: string | undefined;
};

export interface RunningApp {
  /** `127.x.y.z:port` */
  host: string;
  healthUrl: string;
  counts: RequestCounts;
  /** Restarts so far: for new settings or by command, not the first start. Changes during one are one more. */
  restarts(): number;
  /** Gives the workers new settings, soon. */
  apply(settings: Settings): void;
  restart(): void;
  stop(): Promise<void>;
  start(): void;
  /** When no restart is under way. A crash loop or a stopped site is settled, too. */
  settled(): Promise<void>;
  /** What the workers printed last. */
  output(): string;
  close(): Promise<void>;
}

const EXAMPLE_APP = join(PROJECT_ROOT, "examples", "app", "server.ts");
const RESTART_MS: Record<RestartMode, number> = { overlapping: 300, slow: 1_500, hard: 400 };
/** WEBSITES_CONTAINER_START_TIME_LIMIT is 230 s: after that the old worker goes, whatever became of the new one. */
const START_LIMIT_MS = 10_000;
const CRASH_PAUSE_MS = 300;
const CRASH: { code: string } = { code: "console.error('the app ended as it started'); process.exit(1)" };

export async function runApp(given: {
  authority: Authority;
  /** Of the site and, unless production, its slot. */
  site: string;
  slot?: string;
  settings: Settings;
  options?: AppOptions;
  record?: (event: AppEvent) => void;
}): Promise<RunningApp> {
  const runner = new AppRunner(given);
  const door = await startFrontDoor(given.authority, randomLoopback(), () => runner.route());
  runner.open(door, given.authority);
  return {
    host: door.host,
    healthUrl: `https://${door.host}${HEALTH_PATH}`,
    counts: door.counts,
    restarts: () => runner.restarts,
    apply: (settings) => runner.apply(settings),
    restart: () => runner.restart(),
    stop: () => runner.stop(),
    start: () => runner.restart(),
    settled: () => runner.settled(),
    output: () => runner.output(),
    async close() {
      await runner.close();
      await door.close();
    },
  };
}

/** Every address of 127.0.0.0/8 is this machine (Linux): one for each host, so that names need no DNS. */
export function randomLoopback(): string {
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}

class AppRunner {
  restarts = 0;
  #settings: Settings;
  readonly #options: AppOptions;
  readonly #record: (event: AppEvent) => void;
  readonly #about: { site: string; slot: string };
  #platform: Record<string, string> = {};
  /** Workers that get requests. */
  #rotation: Worker[] = [];
  #next = 0;
  readonly #underWay = new Map<Worker, number>();
  #last: Worker | undefined;
  /** How often a restart was asked for, and how many of those are done. */
  #asked = 0;
  #done = 0;
  #running: Promise<void> | undefined;
  #stopped = false;
  #closed = false;
  /** Requests wait for a worker, instead of being refused. */
  #patient = true;

  constructor(given: Parameters<typeof runApp>[0]) {
    this.#settings = given.settings;
    this.#options = given.options ?? {};
    this.#record = given.record ?? (() => {});
    this.#about = { site: given.site, slot: given.slot ?? "Production" };
  }

  open(door: FrontDoor, authority: Authority): void {
    this.#platform = {
      // The certificates that the app's machine trusts.
      NODE_EXTRA_CA_CERTS: authority.own.cert,
      // https://learn.microsoft.com/en-us/azure/app-service/reference-app-settings
      WEBSITE_SITE_NAME: this.#about.site,
      WEBSITE_SLOT_NAME: this.#about.slot,
      WEBSITE_HOSTNAME: door.host,
    };
    this.#ask();
  }

  apply(settings: Settings): void {
    this.#settings = settings;
    this.restart();
  }

  restart(): void {
    this.#stopped = false;
    this.restarts += 1;
    this.#ask();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#patient = false;
    this.#asked += 1;
    await this.#retire(this.#takeRotation());
    await this.#running;
  }

  async settled(): Promise<void> {
    while (this.#running !== undefined && !this.#loops()) {
      await Promise.race([this.#running, sleep(50)]);
    }
  }

  output(): string {
    return this.#last?.output() ?? "";
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#asked += 1;
    await Promise.all(this.#takeRotation().map((worker) => worker.stop("at once")));
    await this.#running;
    await Promise.all(this.#takeRotation().map((worker) => worker.stop("at once")));
  }

  async route(): Promise<Destination | undefined> {
    while (this.#rotation.length === 0 && this.#patient && !this.#closed) await sleep(10);
    const worker = this.#rotation[this.#next++ % Math.max(this.#rotation.length, 1)];
    if (worker === undefined) return undefined;
    this.#underWay.set(worker, (this.#underWay.get(worker) ?? 0) + 1);
    const { health = "guide" } = this.#options;
    return {
      port: worker.port,
      health: typeof health === "function" ? health(worker.settings) : health,
      release: () => this.#underWay.set(worker, (this.#underWay.get(worker) ?? 1) - 1),
    };
  }

  #ask(): void {
    this.#asked += 1;
    this.#running ??= this.#catchUp().finally(() => {
      this.#running = undefined;
    });
  }

  async #catchUp(): Promise<void> {
    while (this.#done !== this.#asked && !this.#idle()) {
      const goal = this.#asked;
      await this.#replaceWorkers(goal);
      this.#done = goal;
    }
  }

  #idle(): boolean {
    return this.#stopped || this.#closed;
  }

  #start(): Start {
    const { start = "fine" } = this.#options;
    return typeof start === "function" ? start(this.#settings) : start;
  }

  #loops(): boolean {
    return this.#start() === "crash-loop" && this.#rotation.length === 0 && !this.#patient;
  }

  async #replaceWorkers(goal: number): Promise<void> {
    const first = this.#last === undefined;
    if (this.#start() === "stuck" && !first) return;
    const { mode = "overlapping" } = this.#options;
    const ms = this.#options.restartMs ?? RESTART_MS[mode];
    if (mode === "overlapping" || first) {
      const old = [...this.#rotation];
      const workers = await this.#bringUp(goal);
      if (workers.length === 0) return;
      this.#rotation.push(...workers);
      if (old.length > 0) await sleep(ms);
      this.#rotation = this.#rotation.filter((worker) => !old.includes(worker));
      await this.#retire(old);
      return;
    }
    this.#patient = mode === "slow";
    const old = this.#takeRotation();
    if (mode === "slow") await this.#retire(old);
    else await Promise.all(old.map((worker) => this.#end(worker, "at once")));
    const [workers] = await Promise.all([this.#bringUp(goal), sleep(ms)]);
    this.#rotation.push(...workers);
  }

  /** Starts what the settings ask for, again and again, until it is warm or something else is asked for. */
  async #bringUp(goal: number): Promise<Worker[]> {
    const late = setTimeout(() => this.#giveUpOld(), START_LIMIT_MS);
    try {
      while (goal === this.#asked && !this.#idle()) {
        const { instances = 1, file = EXAMPLE_APP } = this.#options;
        const program = this.#start() === "crash-loop" ? CRASH : { file };
        const workers = await Promise.all(
          Array.from({ length: instances }, () =>
            startWorker({ program, settings: this.#settings, platform: this.#platform }),
          ),
        );
        this.#last = workers[0];
        const ready = await Promise.all(workers.map((worker) => worker.ready));
        if (ready.every(Boolean) && !this.#idle()) {
          this.#patient = true;
          for (const worker of workers) this.#watch(worker);
          return workers;
        }
        await Promise.all(workers.map((worker) => this.#end(worker, "at once", "worker-failed")));
        // A worker that cannot start is a site that is down: https://github.com/microsoft/PubSec-Info-Assistant/issues/286
        this.#giveUpOld();
        await sleep(CRASH_PAUSE_MS);
      }
      return [];
    } finally {
      clearTimeout(late);
    }
  }

  #giveUpOld(): void {
    this.#patient = false;
    void this.#retire(this.#takeRotation());
  }

  /** A worker that ends by itself is started again, as the platform does. */
  #watch(worker: Worker): void {
    this.#note("worker-started", worker);
    void worker.ended.then(() => {
      if (!this.#rotation.includes(worker)) return;
      this.#rotation = this.#rotation.filter((other) => other !== worker);
      this.#note("worker-failed", worker);
      if (!this.#idle()) this.#ask();
    });
  }

  #takeRotation(): Worker[] {
    const workers = this.#rotation;
    this.#rotation = [];
    return workers;
  }

  /** Lets what they are doing end first. */
  async #retire(workers: readonly Worker[]): Promise<void> {
    await Promise.all(
      workers.map(async (worker) => {
        while (worker.alive() && (this.#underWay.get(worker) ?? 0) > 0 && !this.#closed) await sleep(5);
        await this.#end(worker, "politely");
      }),
    );
  }

  async #end(
    worker: Worker,
    how: "politely" | "at once",
    kind: AppEvent["kind"] = "worker-stopped",
  ): Promise<void> {
    await worker.stop(this.#closed ? "at once" : how);
    this.#underWay.delete(worker);
    this.#note(kind, worker);
  }

  #note(kind: AppEvent["kind"], { pid, settings }: Worker): void {
    this.#record({ kind, pid, fingerprint: settings["PROPIQ_CACHE_FINGERPRINT"] });
  }
}
