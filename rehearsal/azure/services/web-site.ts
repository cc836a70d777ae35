/** One place where an app runs: a site's production slot, or a deployment slot of its own. */
import { randomUUID } from "node:crypto";
import type { Authority } from "../../tls.ts";
import { type AppEvent, type AppOptions, RunningApp } from "../app-runner.ts";
import { now } from "../service.ts";
import { isReference, type Resolution } from "./key-vault-reference.ts";

export type Settings = Readonly<Record<string, string>>;

/** A write of the whole set of settings, as the emulator got it. */
export interface SettingsWrite {
  /** Milliseconds since 1970, with fractions. */
  at: number;
  /** Names whose values changed, came or went, in alphabetical order; none: the app was not restarted. */
  changed: string[];
  /** All that the app had from then on. */
  settings: Settings;
  /** The user agent of the writer. A test that writes itself is the portal. */
  by: string;
}

/** A reading of all settings. */
export interface SettingsRead {
  at: number;
  by: string;
  /** All that was reported. */
  settings: Settings;
}

export interface WorkerEvent extends AppEvent {
  at: number;
}

export interface Place {
  /** ARM's id of the site or slot. */
  id: string;
  site: string;
  /** Absent: production. */
  slot?: string;
  settings: Settings;
  /** Whether it has a managed identity, which Key Vault references need. */
  identity: boolean;
  app: AppOptions;
  authority: Authority;
  /** What a reference to Key Vault comes to for whom. */
  resolve(reference: string, principal: string | undefined): Resolution;
  tell(what: string, id: string): void;
}

const PORTAL = "portal";

export class SiteSlot {
  readonly id: string;
  readonly name: string;
  /** Absent: production. */
  readonly slot: string | undefined;
  readonly app: RunningApp;
  /** Oldest first. */
  readonly writes: SettingsWrite[] = [];
  /** Oldest first. */
  readonly reads: SettingsRead[] = [];
  /** What became of its processes, oldest first. */
  readonly workers: WorkerEvent[];
  state: "Running" | "Stopped" = "Running";
  /** Object id of its managed identity. */
  principal: string | undefined;
  #settings: Settings;
  readonly #place: Place;
  /** As they were when the settings changed last: App Service looks at vaults then, and once a day. */
  #references = new Map<string, Resolution>();

  static async open(place: Place): Promise<SiteSlot> {
    const principal = place.identity ? randomUUID() : undefined;
    const workers: WorkerEvent[] = [];
    const app = await RunningApp.run({
      authority: place.authority,
      site: place.site,
      ...(place.slot === undefined ? {} : { slot: place.slot }),
      settings: resolved(place, place.settings, principal).environment,
      options: place.app,
      record(event) {
        workers.push({ at: now(), ...event });
        place.tell(event.kind, place.id);
      },
    });
    return new SiteSlot(place, app, workers, principal);
  }

  private constructor(place: Place, app: RunningApp, workers: WorkerEvent[], principal: string | undefined) {
    this.#place = place;
    this.id = place.id;
    this.name = place.site;
    this.slot = place.slot;
    this.app = app;
    this.workers = workers;
    this.principal = principal;
    this.#settings = { ...place.settings };
    this.#references = resolved(place, this.#settings, principal).references;
  }

  /** `https://host` of its front door. */
  get url(): string {
    return `https://${this.app.host}`;
  }

  settings(): Record<string, string> {
    return { ...this.#settings };
  }

  /** The settings, as a user asks for them who may then write. */
  read(by: string): Record<string, string> {
    this.reads.push({ at: now(), by, settings: this.#settings });
    return this.settings();
  }

  /** Settings that refer to Key Vault, and what App Service made of them. */
  references(): ReadonlyMap<string, Resolution> {
    return this.#references;
  }

  /**
   * Replaces all settings, as a PUT does, or a user in the portal. Where nothing changes the app is not restarted
   * (microsoft/azure-pipelines-tasks#9819).
   */
  setSettings(settings: Settings, by = PORTAL): void {
    const changed = this.keep(settings, by);
    if (changed.length > 0) this.app.apply(this.#environment());
  }

  /** The same without giving them to the workers, which a swap has already done. @returns the names that changed */
  keep(settings: Settings, by = PORTAL): string[] {
    const before = this.#settings;
    const names = new Set([...Object.keys(before), ...Object.keys(settings)]);
    const changed = [...names].filter((name) => before[name] !== settings[name]).sort();
    this.#settings = { ...settings };
    this.#references = resolved(this.#place, this.#settings, this.principal).references;
    this.writes.push({ at: now(), by, changed, settings: this.#settings });
    this.#place.tell("settings written", this.id);
    return changed;
  }

  /** Gives the workers, and only them, what they would see with these settings. */
  async tryOn(settings: Settings): Promise<boolean> {
    this.app.apply(resolved(this.#place, settings, this.principal).environment);
    return await this.app.isUp();
  }

  /** Looks at the vaults again, and restarts where that matters to the app. */
  restart(): void {
    this.#references = resolved(this.#place, this.#settings, this.principal).references;
    this.app.apply(this.#environment());
    this.start();
  }

  async stop(): Promise<void> {
    this.state = "Stopped";
    await this.app.stop();
  }

  start(): void {
    if (this.state === "Running") return;
    this.state = "Running";
    this.app.start();
  }

  #environment(): Settings {
    return resolved(this.#place, this.#settings, this.principal).environment;
  }
}

/** A reference that cannot be resolved reaches the app as the text that it is. */
function resolved(
  { resolve }: Place,
  settings: Settings,
  principal: string | undefined,
): { environment: Settings; references: Map<string, Resolution> } {
  const environment: Record<string, string> = { ...settings };
  const references = new Map<string, Resolution>();
  for (const [name, value] of Object.entries(settings)) {
    if (!isReference(value)) continue;
    const { value: secret, ...resolution } = resolve(value, principal);
    references.set(name, resolution);
    environment[name] = secret ?? value;
  }
  return { environment, references };
}
