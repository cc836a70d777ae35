/**
 * What stands behind a site: the example app as real processes, restarted when settings change in one of the ways
 * in which App Service does it, behind an HTTPS front door.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_ROOT } from "../../base/paths.ts";
import type { Authority } from "../tls.ts";
import {
  type Destination,
  type FrontDoor,
  HEALTH_PATH,
  type RequestCounts,
  startFrontDoor,
} from "./app-runner-front-door.ts";
import type { Health } from "./app-runner-health.ts";
import { type Program, startWorker, type TeamCommand, type Worker } from "./app-runner-worker.ts";

/**
 * - `overlapping`: the old worker answers until the new one is warm, and for a while beside it
 * - `slow`: the old worker ends first; requests wait until the new one is warm
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
  /** Started with the site, not by the first request. */
  alwaysOn?: boolean;
  /** The app's program. */
  file?: string;
  /** A team's own app in place of it. */
  command?: TeamCommand;
  /** Milliseconds in which a worker has to answer; see START_LIMIT_MS. */
  startLimitMs?: number;
}

export interface AppEvent {
  kind: "worker started" | "worker stopped" | "worker failed";
  pid: number;
  /** Of the settings that it started with. */
  fingerprint: string | undefined;
}

const EXAMPLE_APP = join(PROJECT_ROOT, "examples", "app", "server.ts");
const RESTART_MS: Record<RestartMode, number> = { overlapping: 300, slow: 1_500, hard: 400 };
/** WEBSITES_CONTAINER_START_TIME_LIMIT is 230 s: after that the old worker ends, whatever happened to the new one. */
const START_LIMIT_MS = 10_000;
const CRASH_PAUSE_MS = 300;
const CRASH: { code: string } = { code: "console.error('the app ended as it started'); process.exit(1)" };

export interface AppOfSite {
  authority: Authority;
  /** Name of the site. */
  site: string;
  /** `Production`, or the name of a deployment slot. */
  slot?: string;
  settings: Settings;
  options?: AppOptions;
  record?: (event: AppEvent) => void;
}

/** The app of a site or slot, from its front door on. */
export class RunningApp {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly healthUrl: string;
  readonly counts: RequestCounts;
  readonly #door: FrontDoor;
  #workers: Workers;

  static async run(given: AppOfSite): Promise<RunningApp> {
    // The door is needed before the workers, which get its address.
    const app: { workers?: () => Workers } = {};
    const door = await startFrontDoor(given.authority, async () => app.workers?.().route());
    const running = new RunningApp(door, new Workers(given, door.host));
    app.workers = () => running.#workers;
    if (given.options?.alwaysOn) running.#workers.wake();
    return running;
  }

  private constructor(door: FrontDoor, workers: Workers) {
    this.#door = door;
    this.#workers = workers;
    this.host = door.host;
    this.healthUrl = `https://${door.host}${HEALTH_PATH}`;
    this.counts = door.counts;
  }

  /** Gives the workers new settings, soon. A site that nobody has asked for anything yet has none, and starts none. */
  apply(settings: Settings): void {
    this.#workers.apply(settings);
  }

  restart(): void {
    this.#workers.restart();
  }

  start(): void {
    this.#workers.restart();
  }

  async stop(): Promise<void> {
    await this.#workers.stop();
  }

  /** Changes how it restarts and what its health document looks like, from now on. */
  behave(options: AppOptions): void {
    this.#workers.behave(options);
  }

  /** Restarts that were asked for, by new settings or by command. Those that come during another are done as one. */
  restarts(): number {
    return this.#workers.restarts;
  }

  /** When no restart is under way. A crash loop is settled, too, once the old worker no longer exists. */
  async settled(): Promise<void> {
    await this.#workers.settled();
  }

  /** Whether a worker could be asked; a sleeping app is woken. */
  async isUp(): Promise<boolean> {
    this.#workers.wake();
    await this.#workers.settled();
    return this.#workers.size > 0;
  }

  /** Exchanges the workers of two slots behind their front doors, as a swap does: without a restart. */
  exchangeWorkers(other: RunningApp): void {
    [this.#workers, other.#workers] = [other.#workers, this.#workers];
  }

  /** When the requests that its workers have now are answered. */
  async drained(): Promise<void> {
    await this.#workers.drained();
  }

  /** What a worker printed last. */
  output(): string {
    return this.#workers.output();
  }

  async close(): Promise<void> {
    await this.#workers.close();
    await this.#door.close();
  }
}

class Workers {
  restarts = 0;
  #settings: Settings;
  #options: AppOptions;
  readonly #record: (event: AppEvent) => void;
  readonly #platform: Settings;
  #awake = false;
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

  constructor({ authority, site, slot = "Production", settings, options, record }: AppOfSite, host: string) {
    this.#settings = settings;
    this.#options = options ?? {};
    this.#record = record ?? (() => {});
    this.#platform = {
      // The certificates that the app's machine trusts.
      NODE_EXTRA_CA_CERTS: authority.own.cert,
      // https://learn.microsoft.com/en-us/azure/app-service/reference-app-settings
      WEBSITE_SITE_NAME: site,
      WEBSITE_SLOT_NAME: slot,
      WEBSITE_HOSTNAME: host,
    };
  }

  get size(): number {
    return this.#rotation.length;
  }

  behave(options: AppOptions): void {
    this.#options = { ...this.#options, ...options };
  }

  wake(): void {
    if (this.#awake || this.#idle()) return;
    this.#awake = true;
    this.#ask();
  }

  apply(settings: Settings): void {
    this.#settings = settings;
    if (this.#stopped) return;
    this.restart();
  }

  restart(): void {
    if (this.#stopped) this.#patient = true;
    this.#stopped = false;
    this.restarts += 1;
    if (this.#awake) this.#ask();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#awake = false;
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

  async drained(): Promise<void> {
    await Promise.all(this.#rotation.map((worker) => this.#answered(worker)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#asked += 1;
    await Promise.all(this.#takeRotation().map((worker) => worker.stop("at once")));
    await this.#running;
    await Promise.all(this.#takeRotation().map((worker) => worker.stop("at once")));
  }

  async route(): Promise<Destination | undefined> {
    this.wake();
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
    const late = setTimeout(() => this.#giveUpOld(), this.#options.startLimitMs ?? START_LIMIT_MS);
    try {
      while (goal === this.#asked && !this.#idle()) {
        const { instances = 1, file = EXAMPLE_APP, command } = this.#options;
        const program: Program = this.#start() === "crash-loop" ? CRASH : (command ?? { file });
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
        await Promise.all(workers.map((worker) => this.#end(worker, "at once", "worker failed")));
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
    this.#note("worker started", worker);
    void worker.ended.then(() => {
      if (!this.#rotation.includes(worker)) return;
      this.#rotation = this.#rotation.filter((other) => other !== worker);
      this.#note("worker failed", worker);
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
        await this.#answered(worker);
        await this.#end(worker, "politely");
      }),
    );
  }

  async #answered(worker: Worker): Promise<void> {
    while (worker.alive() && (this.#underWay.get(worker) ?? 0) > 0 && !this.#closed) await sleep(5);
  }

  async #end(
    worker: Worker,
    how: "politely" | "at once",
    kind: AppEvent["kind"] = "worker stopped",
  ): Promise<void> {
    await worker.stop(this.#closed ? "at once" : how);
    this.#underWay.delete(worker);
    this.#note(kind, worker);
  }

  #note(kind: AppEvent["kind"], { pid, settings }: Worker): void {
    this.#record({ kind, pid, fingerprint: settings["PROPIQ_CACHE_FINGERPRINT"] });
  }
}
