/** What a user should know before an update: as whom it acts, which app restarts, and which cache is deleted. */
import { commandLine, setConfig } from "../base/command.ts";
import { type SignInKind, signInKind } from "./azure/credential.ts";
import type { Inputs } from "./hooks.ts";
import { CATALOGUE, familyOf, isIn, isLocal, PLANS, type Plan } from "./plans/catalogue.ts";
import { isNameOfSomeStack } from "./plans/names.ts";
import type { AppConfig } from "./settings/schema.ts";
import type { Settings } from "./settings/settings.ts";

const SIGN_INS: Readonly<Record<SignInKind, string>> = {
  default: "whatever Azure's default credential finds",
  certificate: "a client certificate",
  secret: "a client secret",
  oidc: "a federated token (OIDC)",
  "managed-identity": "a managed identity",
  az: "az login",
};

/** Lines for an app whose settings are going to be written. */
export function wiringLines(
  app: Pick<AppConfig, "name" | "slot" | "resourceGroup">,
  subscriptionId: string,
  env: NodeJS.ProcessEnv,
): string[] {
  const kind = signInKind(env);
  const client = env["ARM_CLIENT_ID"];
  const who =
    kind === "az" || client === undefined ? SIGN_INS[kind] : `${SIGN_INS[kind]} of client ${client}`;
  const target = app.slot === undefined ? app.name : `${app.name}, slot ${app.slot}`;
  return [
    `${target} (resource group ${app.resourceGroup}, subscription ${subscriptionId}) restarts when its settings are written (not where it has them already, as after off or on); its other settings stay as they are. Signed in by ${who}.`,
  ];
}

/**
 * Lines for a change from one cache to another.
 * @param before inputs of the proof of the previous cache
 */
export function replacementLines(before: Inputs, settings: Settings): string[] {
  const plan = PLANS.find((known) => known === before["plan"]);
  if (plan === undefined || !isRemoved(plan, settings)) return [];
  if (wasAdopted(plan, before["cache"]))
    return [`The cache of plan ${plan} was adopted, not made here: it stays as it is.`];
  const { stack, standby, drainSeconds, apps } = settings;
  const when = apps.some(({ manage }) => manage)
    ? `${drainSeconds} s after the app was seen on the new one`
    : "when the settings of the new one are written";
  const keep = commandLine(setConfig(stack, `standby[${standby.length}]`, plan));
  return [`The cache of plan ${plan} is removed ${when}. To keep it running beside the new one: ${keep}`];
}

/** @param identity of a cache: its id, its size and a trace of its key */
function wasAdopted(plan: Plan, identity: unknown): boolean {
  const [id = "", size] = String(identity ?? "").split(" ");
  if (size === undefined) return false;
  return isIn("upstash", plan) ? size === "adopted" : !isNameOfSomeStack(id.split("/").at(-1) ?? "");
}

/** Whether the cache of a plan leaves the stack with these settings. */
function isRemoved(plan: Plan, settings: Settings): boolean {
  if (isLocal(plan) || isIn("elsewhere", plan)) return false;
  const stay = [settings.plan, ...settings.standby];
  if (stay.some((kept) => familyOf(kept) === familyOf(plan))) return false;
  const inPlace = settings.azure?.resize === "in-place";
  return !(inPlace && CATALOGUE[plan].provider === CATALOGUE[settings.plan].provider);
}
