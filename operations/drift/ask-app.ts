/** What an App Service, or one of its slots, holds now. Reads only. */
import { type AppService, openAppService } from "../../infra/azure/app-service.ts";
import { type Arm, ArmError, openArm } from "../../infra/azure/arm.ts";
import { ifThere } from "../../infra/azure/if-there.ts";
import { listAll } from "../../infra/azure/list.ts";
import { decodeEarlier, EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import type { AppSettingsState } from "../../infra/provider/app-settings/inputs.ts";
import { ownedKeys } from "../../infra/provider/app-settings/merge.ts";
import { notSticky } from "../../infra/provider/app-settings/sticky.ts";
import type { AppSeen } from "./judge-app.ts";

/** As the client of App Service asks for everything else. */
const API_VERSION = "2025-05-01";

/** @throws ArmError, PropiqError, or the signal's reason */
export async function askApp(
  state: AppSettingsState,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ id: string; seen: AppSeen }> {
  const { subscriptionId, metadataHost, environment, resourceGroup, app, slot } = state;
  const arm = await openArm({ env, subscriptionId, metadataHost, environment });
  const service = await openAppService(arm, { resourceGroup, app, slot });
  const settings = await ifThere(service.settings(signal));
  if (settings === undefined) return { id: service.id, seen: { loose: [] } };
  const loose = state.sticky ? await notSticky(service, ownedKeys(state.settings), signal) : [];
  // What was written here may have gone to another slot; where a record stands, it says so itself.
  const movedTo =
    settings[EARLIER_KEY] === undefined ? await whereTo(arm, service, state, signal) : undefined;
  return { id: service.id, seen: { settings, loose, ...(movedTo === undefined ? {} : { movedTo }) } };
}

/** The other slot of the same app whose record says that it was written here. */
async function whereTo(
  arm: Arm,
  { id }: AppService,
  { resourceGroup, app, slot }: AppSettingsState,
  signal: AbortSignal,
): Promise<string | undefined> {
  const site = id.replace(/\/slots\/[^/]+$/i, "");
  for (const other of await slotsOf(arm, site, signal)) {
    if ((slot ?? "production") === other) continue;
    const name = other === "production" ? undefined : other;
    const service = await openAppService(arm, { resourceGroup, app, slot: name });
    const settings = await ifThere(service.settings(signal));
    if (atOf(settings?.[EARLIER_KEY])?.toLowerCase() === id.toLowerCase()) return other;
  }
  return undefined;
}

/** Production, and the others as far as this identity may see them: the drift itself is reported in any case. */
async function slotsOf(arm: Arm, site: string, signal: AbortSignal): Promise<string[]> {
  try {
    const found = await listAll(arm, `${site}/slots`, API_VERSION, signal);
    return ["production", ...found.flatMap(({ name }) => String(name).split("/")[1] ?? [])];
  } catch (error) {
    if (error instanceof ArmError && (error.status === 403 || error.status === 404)) return ["production"];
    throw error;
  }
}

function atOf(record: string | undefined): string | undefined {
  try {
    return decodeEarlier(record)?.at;
  } catch {
    // Edited beyond reading: it says nothing.
    return undefined;
  }
}
