/** The commands that an advice ends in. A step that does not apply to a cache is left out. */
import { type AppPlace, placeWords, webapp } from "../../base/azure-cli.ts";
import {
  type Command,
  isLocalStack,
  onStack,
  program,
  propiq,
  pulumi,
  setConfig,
  type Word,
} from "../../base/command.ts";
import type { LargerPlans, Subject } from "../subject.ts";

export type Step = (subject: Subject) => Command | undefined;

/** The stack that was checked, or the one that manages the app that was checked. */
export function stackOf({ stack, apps = [] }: Subject): string | undefined {
  const stacks = new Set(stack === undefined ? apps.map((app) => app.stack) : [stack]);
  return stacks.size === 1 ? [...stacks][0] : undefined;
}

/** Repeats the check, as it was typed where that is known. */
export const verify: Step = ({ stack, apps, again }) => {
  if (again !== undefined)
    return stack === undefined || isLocalStack(stack) ? again : { ...again, passphraseOf: stack };
  if (stack !== undefined) return onStack(stack, "verify");
  const app = placeOf(apps);
  return propiq("verify", ...(app === undefined ? [] : placeWords(app, "--app-name")));
};

const LONGER_SECONDS = "30";

/** Repeats the check with more time. Other commands than `verify` have no such option, and are repeated as they are. */
export const verifyLonger: Step = (subject) => {
  const command = verify(subject);
  if (command === undefined || command.words[1] !== "verify") return command;
  const isPatient = command.words.some((word) => typeof word === "string" && word.startsWith("--deadline"));
  return isPatient ? command : { ...command, words: [...command.words, "--deadline", LONGER_SECONDS] };
};

/** Starts or recreates a local cache. Brings another one to what the config of its stack says. */
export const deploy: Step = (subject) => broughtBack(subject, (stack) => pulumi(stack, "up"));
/** The same after a change outside the stack. */
export const repair: Step = (subject) => broughtBack(subject, (stack) => onStack(stack, "repair"));
/** Gives the cache a new secret, and the settings with it. */
export const rotate: Step = (subject) => {
  const stack = stackOf(subject);
  return stack === undefined ? verify(subject) : onStack(stack, "rotate");
};

/** `dev` finds out by itself what a local cache needs. */
function broughtBack(subject: Subject, command: (stack: string) => Command): Command | undefined {
  const stack = stackOf(subject);
  const { provider } = subject;
  if (provider === "docker" || provider === "native") return propiq("dev");
  return stack === undefined ? verify(subject) : command(stack);
}

export const advise: Step = ({ stack }) =>
  stack === undefined ? propiq("advise") : onStack(stack, "advise");
/** Names each setting that was changed, and changes nothing. */
export const drift: Step = (subject) => ofStack(subject, "drift");
/** For apps that still use a cache which the config of their stack disables. */
export const carryOutOff: Step = (subject) => (subject.enabled ? undefined : ofStack(subject, "off"));
export const enable: Step = (subject) => ofStack(subject, "on");

function ofStack(subject: Subject, word: string): Command | undefined {
  const stack = stackOf(subject);
  return stack === undefined ? undefined : onStack(stack, word);
}

export function configure(key: string, value: string): Step {
  return ({ stack }) => (stack === undefined ? undefined : setConfig(stack, key, value));
}

export function choosePlan(kind: keyof LargerPlans): Step {
  return ({ stack, largerPlans }) => {
    const plan = largerPlans?.[kind];
    return stack === undefined || plan === undefined ? undefined : setConfig(stack, "plan", plan);
  };
}

/** A command of `az` on the App Service that the check asked. Left out for several apps, or for none in Azure. */
export function onApp(...action: string[]): Step {
  return ({ apps }) => {
    const app = placeOf(apps);
    return app === undefined ? undefined : webapp(action, app);
  };
}

/** Where the one app is; undefined for several, or for one that is not in Azure. */
export function placeOf(apps: Subject["apps"] = []): AppPlace | undefined {
  const [app, ...more] = apps;
  if (app?.resourceGroup === undefined || more.length > 0) return undefined;
  const [name = "", slot] = app.name.split("/");
  return { name, resourceGroup: app.resourceGroup, slot };
}

/** A command on the container of a stack, which is found by its label where its name is not known. */
export function container(verb: string, ...words: string[]): Step {
  return ({ cacheName, stack = "dev" }) => {
    const label = `label=propiq-cache.stack=${stack}`;
    const found: Word = cacheName ?? { outputOf: program("docker", "ps", "-alq", "--filter", label) };
    return program("docker", verb, found, ...words);
  };
}

export const dockerDisk: Step = () => program("docker", "system", "df");
export const disk: Step = () => program("df", "-h");

/** Prints `Succeeded` for a cache that exists and is ready. */
export const azureState: Step = ({ target }) => azureRedis(target?.host, "provisioningState");
export const managedState: Step = ({ target }) => {
  const name = firstLabel(target?.host);
  const query = ["--query", "[].provisioningState", "-o", "tsv"];
  return name === undefined ? undefined : program("az", "resource", "list", "--name", name, ...query);
};

/** Prints `false` while the access keys of an Azure Cache for Redis are enabled. */
export const azureKeys: Step = ({ target }) => azureRedis(target?.host, "disableAccessKeyAuthentication");

/** A property of an Azure Cache for Redis, which is found by its name alone. */
function azureRedis(host: string | undefined, property: string): Command | undefined {
  const name = firstLabel(host);
  const query = `[?name=='${name}'].${property}`;
  return name === undefined ? undefined : program("az", "redis", "list", "--query", query, "-o", "tsv");
}

/** Prints `Enabled` while those of an Azure Managed Redis are. Needs no extension of the CLI. */
export const managedKeys: Step = ({ target }) => {
  const name = firstLabel(target?.host);
  if (name === undefined) return undefined;
  const list = program(
    ...["az", "resource", "list", "--resource-type", "Microsoft.Cache/redisEnterprise"],
    ...["--query", `[?name=='${name}'].id`, "-o", "tsv"],
  );
  const id: Word = { outputOf: list, after: "/databases/default" };
  const property = "properties.accessKeysAuthentication";
  return program("az", "resource", "show", "--ids", id, "--query", property, "-o", "tsv");
};

/** The first label of an Azure host is the name of the resource. */
function firstLabel(host: string | undefined): string | undefined {
  return host?.split(".")[0];
}
