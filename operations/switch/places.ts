/** Where a stack's settings stand, so far as they can be switched: App Services and their slots, and an env file. */

import { propiq } from "../../base/command.ts";
import { fromRoot } from "../../base/paths.ts";
import type { Target } from "../../check/target.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import { inWords, labelOf, openApp } from "../stacks/azure.ts";
import type { StackConfig } from "../stacks/config-file.ts";
import { ownedIn, referencesIn, switched } from "./settings.ts";

/** Our settings as a place holds them now; empty where it holds none. */
export interface Held {
  ours: Readonly<Record<string, string>>;
  /** Some are references to a vault. */
  sealed: boolean;
  /** The app that would read them, where it is stopped. */
  stopped?: AppConfig;
}

/** `unwired`: nothing of this stack is there, and nothing was written. */
export type Written = "written" | "already" | "unwired";

export interface Place {
  label: string;
  /** What writing does to anyone who reads the settings. */
  restarts: string;
  /** @throws PropiqError */
  read(): Promise<Held>;
  /** @throws PropiqError */
  write(enabled: boolean): Promise<Written>;
}

/** Apps that the stack does not manage are left alone. */
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
      throw inWords(error, what, propiq(enabled ? "on" : "off", "--stack", config.stack));
    }
  };
  return {
    label,
    restarts: "App Service restarts it now. Its other settings are unchanged.",
    read: () =>
      asked(`read the settings of ${label}`, true, async () => {
        const service = await openApp(config, app);
        const [all, { state }] = await Promise.all([service.settings(), service.site()]);
        const ours = ownedIn(all);
        const stopped = state.toLowerCase() === "stopped" ? { stopped: app } : {};
        return { ours, sealed: referencesIn(ours).length > 0, ...stopped };
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
    restarts: "Apps read it at their next start.",
    read: async () => ({ ours: (await load()).block?.entries ?? {}, sealed: false }),
    async write(enabled) {
      const { text, block, withBlock, writeText } = await load();
      if (block === undefined) return "unwired";
      const next = withBlock(text, { owner: stack, entries: switched(block.entries, enabled) });
      if (next === text) return "already";
      await writeText(file, next, true);
      return "written";
    },
  };
}

/** The caches that settings lead to, each once; settings that name none are ignored. */
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
