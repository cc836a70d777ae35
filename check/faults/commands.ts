/** The commands that hints end in: complete, so that pasted from the project's root they work. */
import { commandLine } from "../../base/command.ts";
import type { Subject } from "../subject.ts";

/** The stacks of this machine: `dev` makes and starts their cache, and their passphrase is at hand. */
const LOCAL_STACKS: ReadonlySet<string> = new Set(["dev", "native"]);
/** The passphrase of any other stack has only its team, and Pulumi would ask for it. */
const PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE";

/** Makes local caches anew as they should be; brings others to what their stack's config says. */
export function bringUp(subject: Subject): string {
  return deploy(subject, "up");
}

/** The same where somebody else's hand is in it: what differs from the state is seen by a refresh alone. */
export function putRight(subject: Subject): string {
  return deploy(subject, "up --refresh");
}

/** `dev` refreshes by itself. */
function deploy(subject: Subject, words: string): string {
  if (subject.provider === "docker" || subject.provider === "native") return "npx propiq-cache dev";
  const stack = stackOf(subject);
  return stack === undefined ? verify(subject) : `npx propiq-cache pulumi ${words} --stack ${stack}`;
}

/** The stack that was checked, or the one that wires the app that was checked. */
export function stackOf({ stack, apps = [] }: Subject): string | undefined {
  const stacks = new Set(stack === undefined ? apps.map((app) => app.stack) : [stack]);
  return stacks.size === 1 ? [...stacks][0] : undefined;
}

/** A command of `az` on the one app that the check asked; nothing where there are several, or none in Azure. */
export function webapp(subject: Subject, words: string): string | undefined {
  const app = appOf(subject);
  return app === undefined ? undefined : `az webapp ${words} --name ${app}`;
}

/** Its name, group and slot, in the words of both command lines. */
function appOf({ apps = [] }: Subject): string | undefined {
  const [app, ...more] = apps;
  if (app?.resourceGroup === undefined || more.length > 0) return undefined;
  const [name, slot] = app.name.split("/");
  return `${name} --resource-group ${app.resourceGroup}${slot === undefined ? "" : ` --slot ${slot}`}`;
}

/** The check once more: as it was typed, where that is known. */
export function verify(subject: Subject): string {
  const { stack, again } = subject;
  if (again !== undefined) return commandLine(again);
  if (stack !== undefined) return `npx propiq-cache verify --stack ${stack}`;
  const app = appOf(subject);
  return app === undefined ? "npx propiq-cache verify" : `npx propiq-cache verify --app-name ${app}`;
}

export function advise({ stack }: Subject): string {
  return stack === undefined ? "npx propiq-cache advise" : `npx propiq-cache advise --stack ${stack}`;
}

export function setConfig({ stack }: Subject, change: string): string {
  return `npx propiq-cache pulumi config set ${change}${stack === undefined ? "" : ` --stack ${stack}`}`;
}

/** Introduces commands on a stack, with what the shell must hold for them. @param words such as `Then check again` */
export function introduce(subject: Subject, words: string): string {
  const stack = stackOf(subject);
  const needs = stack !== undefined && needsPassphrase(stack);
  return needs ? `${words}, with ${PASSPHRASE} set:` : `${words}:`;
}

export function needsPassphrase(stack: string): boolean {
  return !LOCAL_STACKS.has(stack);
}
