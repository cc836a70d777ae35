/** Where a stack's settings stand, so far as they can be switched: App Services and their slots, and an env file. */

import { fromRoot } from "../../base/paths.ts";
import type { Target } from "../../check/target.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import { inWords, labelOf, openApp } from "../../operations/stacks/azure.ts";
import type { StackConfig } from "../../operations/stacks/config-file.ts";
import { ownedIn, referencesIn, switched } from "../../operations/switch/settings.ts";

/** Our settings as they stand somewhere now; none where nothing of ours does. */
export interface Held {
  ours: Readonly<Record<string, string>>;
  /** Some are references to a vault. */
  sealed: boolean;
}

/** `unwired`: nothing of this stack is there, and nothing was written. */
export type Switched = "written" | "already" | "unwired";

export interface Place {
  label: string;
  /** What writing does to whoever reads the settings. */
  restarts: string;
  /** @throws PropiqError */
  read(): Promise<Held>;
  /** @throws PropiqError */
  write(enabled: boolean): Promise<Switched>;
}

/** Apps that the stack does not manage are somebody else's to switch. */
export function placesOf(config: StackConfig): Place[] {
  const { apps, envFile } = config.settings;
  return [
    ...apps.filter(({ manage }) => manage).map((app) => appPlace(config, app)),
    ...(envFile === undefined ? [] : [envPlace(envFile, config.stack)]),
  ];
}

function appPlace(config: StackConfig, app: AppConfig): Place {
  const label = labelOf(app);
  const asked = async <T>(what: string, enabled: boolean, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw inWords(error, what, `npx propiq-cache ${enabled ? "on" : "off"} --stack ${config.stack}`);
    }
  };
  return {
    label,
    restarts: "App Service restarts it now; its other settings are as they were.",
    read: () =>
      asked(`read the settings of ${label}`, true, async () => {
        const service = await openApp(config, app);
        const ours = ownedIn(await service.settings());
        return { ours, sealed: referencesIn(ours).length > 0 };
      }),
    write: (enabled) =>
      asked(`write the settings of ${label}`, enabled, async () => {
        const service = await openApp(config, app);
        const { rewriteOwned } = await import("../../infra/provider/app-settings/rewrite.ts");
        const written = await rewriteOwned(service, (ours) => switched(ours, enabled), {
          signal: new AbortController().signal,
        });
        if (written === undefined) return "unwired";
        return written.puts > 0 ? "written" : "already";
      }),
  };
}

function envPlace(path: string, stack: string): Place {
  const file = fromRoot(path);
  const load = async () => {
    const [{ readBlock, withBlock }, { readText, writeText }] = await Promise.all([
      import("../../infra/provider/env-file/block.ts"),
      import("../../infra/provider/env-file/file.ts"),
    ]);
    const text = await readText(file);
    const block = text === undefined ? undefined : readBlock(text);
    return { text, block: block?.owner === stack ? block : undefined, withBlock, writeText };
  };
  return {
    label: path,
    restarts: "Apps that read it take it at their next start.",
    read: async () => ({ ours: (await load()).block?.entries ?? {}, sealed: false }),
    async write(enabled) {
      const { text, block, withBlock, writeText } = await load();
      if (block === undefined) return "unwired";
      const next = withBlock(text, { owner: stack, entries: switched(block.entries, enabled) });
      if (next === text) return "already";
      await writeText(file, next);
      return "written";
    },
  };
}

/** The caches that settings lead to, each once; settings that lead to none are passed over. */
export function distinctTargets(all: readonly Readonly<Record<string, string | undefined>>[]): Target[] {
  const found = all.flatMap((settings): Target[] => {
    try {
      const { target } = readSettings({ ...settings, REDIS_ENABLED: "true" });
      return target === undefined ? [] : [target];
    } catch (error) {
      if (error instanceof SettingsError) return [];
      throw error;
    }
  });
  return [...new Map(found.map((target) => [JSON.stringify(target), target])).values()];
}
