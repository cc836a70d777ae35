/** What a step did to the apps and to the clouds, by what the emulators saw. */
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { ownedKeys } from "../../infra/provider/app-settings/merge.ts";
import type { SiteSlot } from "../azure/services/web-site.ts";
import type { Clouds } from "./clouds.ts";

export interface Observed {
  appRestarts: number;
  settingsWritten: string[];
  foreignSettingsChanged: string[];
}

export interface Observer {
  /** Since the last call. */
  take(): Observed;
  /** Names of settings that are not as they were at the very first. */
  changedSinceStart(): string[];
}

const OWN: ReadonlySet<string> = new Set([...ownedKeys({}), EARLIER_KEY]);

export function observe(sites: readonly SiteSlot[]): Observer {
  const first = new Map(sites.map((site) => [site, site.settings()]));
  const seen = new Map(sites.map((site) => [site, { writes: 0, restarts: site.app.restarts() }]));
  return {
    take() {
      let appRestarts = 0;
      const written: string[] = [];
      for (const site of sites) {
        const { writes, restarts } = seen.get(site) ?? { writes: 0, restarts: 0 };
        appRestarts += site.app.restarts() - restarts;
        written.push(...site.writes.slice(writes).flatMap(({ changed }) => changed));
        seen.set(site, { writes: site.writes.length, restarts: site.app.restarts() });
      }
      const settingsWritten = [...new Set(written)].sort();
      return {
        appRestarts,
        settingsWritten,
        foreignSettingsChanged: settingsWritten.filter((name) => !OWN.has(name)),
      };
    },
    changedSinceStart: () => sites.flatMap((site) => differing(first.get(site) ?? {}, site.settings())),
  };
}

function differing(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).sort();
}

/** Caches that still run, other than the one that the stack adopted. */
export function cachesLeft({ azure, upstash, adoptedDatabase }: Clouds): string[] {
  return [
    ...azure.caches().map(({ name }) => name),
    ...upstash
      .databases()
      .filter(({ id }) => id !== adoptedDatabase)
      .map(({ name }) => name),
  ];
}
