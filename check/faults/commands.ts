/** The commands that hints end in: complete, so that pasted from the project's root they work. */
import type { Subject } from "../subject.ts";

/** The stacks of this machine: `dev` makes and starts their cache, and their passphrase is at hand. */
const LOCAL_STACKS: ReadonlySet<string> = new Set(["dev", "native"]);
/** The passphrase of any other stack has only its team, and Pulumi would ask for it. */
const PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE";

/** Makes local caches anew as they should be; brings others to what their stack says. */
export function bringUp(subject: Subject): string {
  if (subject.provider === "docker" || subject.provider === "native") return "npx propiq-cache dev";
  return subject.stack === undefined
    ? verify(subject)
    : `npx propiq-cache pulumi up --stack ${subject.stack}`;
}

export function verify({ stack }: Subject): string {
  return stack === undefined ? "npx propiq-cache verify" : `npx propiq-cache verify --stack ${stack}`;
}

export function advise({ stack }: Subject): string {
  return stack === undefined ? "npx propiq-cache advise" : `npx propiq-cache advise --stack ${stack}`;
}

export function setConfig({ stack }: Subject, change: string): string {
  return `npx propiq-cache pulumi config set ${change}${stack === undefined ? "" : ` --stack ${stack}`}`;
}

/** Introduces commands on a stack, with what the shell must hold for them. @param words such as `Then check again` */
export function introduce({ stack }: Subject, words: string): string {
  const needs = stack !== undefined && needsPassphrase(stack);
  return needs ? `${words}, with ${PASSPHRASE} set:` : `${words}:`;
}

export function needsPassphrase(stack: string): boolean {
  return !LOCAL_STACKS.has(stack);
}
