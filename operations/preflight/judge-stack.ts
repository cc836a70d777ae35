/** What the stack itself says: its plan's life, its price, and where its state is kept. Pure. */

import { type Advice, advice } from "../../base/advice.ts";
import { ENTER_PASSPHRASE, program, propiq, setConfig, shell } from "../../base/command.ts";
import { CATALOGUE, isLocal, monthlyUsd } from "../../infra/plans/catalogue.ts";
import { AZURE_DEFAULTS } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import type { Finding } from "./finding.ts";

export interface Backend {
  /** Where Pulumi keeps the state; nothing: Pulumi's own service, or wherever a user has logged in to. */
  url: string | undefined;
  /** A machine that is deleted after the job. */
  pipeline: boolean;
  /** How the stack's secrets are encrypted. */
  secrets: "passphrase-set" | "passphrase-missing" | "elsewhere";
  /** Whether a user is logged in to Pulumi Cloud; asked of no other back end. */
  hasLogin: boolean;
}

export function judgeStack(settings: Settings, backend: Backend, today: Date): Finding[] {
  return [
    ...judgeConfig(settings),
    judgePlan(settings, today),
    judgeBudget(settings),
    ...judgeState(settings, backend),
  ];
}

/** What is valid and probably not meant. */
function judgeConfig({ warnings, stack }: Settings): Finding[] {
  return warnings.map(({ key, words }) => ({
    id: "config",
    status: "warn",
    words: `propiq-cache:${key}: ${words}`,
    advice: advice(`Correct it in Pulumi.${stack}.yaml.`),
  }));
}

function judgePlan({ plan, standby, stack }: Settings, today: Date): Finding {
  const ending = [plan, ...standby].find((each) => CATALOGUE[each].retires !== undefined);
  const { title } = CATALOGUE[plan];
  if (ending === undefined) return { id: "plan", status: "pass", words: `${plan}: ${title}` };
  const { title: endingTitle, retires } = CATALOGUE[ending];
  const { on = "", successor = ending } = retires ?? {};
  const isOver = today.toISOString().slice(0, 10) > on;
  return {
    id: "plan",
    status: isOver ? "fail" : "warn",
    words: isOver
      ? `${ending}: ${endingTitle} ended on ${on}.`
      : `${ending}: ${endingTitle} ends on ${on}, and Azure makes new ones only for tenants that had one before 2026-04-01.`,
    advice: advice(
      `Its successor is ${successor}, about $${monthlyUsd(successor)?.toFixed(2)} a month.`,
      setConfig(stack, "plan", successor),
    ),
  };
}

/** More than the budget is refused with the rest of the config, before anything is asked. */
function judgeBudget({
  monthlyUsd: cost,
  monthlyBudgetUsd: budget,
  plan,
  standby,
  stack,
}: Settings): Finding {
  if (cost === null)
    return {
      id: "budget",
      status: "note",
      words: "What this cache costs is not known here (external.monthlyUsd).",
    };
  const beside = standby.length === 0 ? "" : `, standby ${standby.join(" and ")} included`;
  const capped = [plan, ...standby].some((each) => CATALOGUE[each].price.kind === "budget");
  if (cost === 0) return { id: "budget", status: "pass", words: `free of charge${beside}` };
  const words = `${capped ? "at most" : "about"} $${cost.toFixed(2)} a month${beside}`;
  if (budget !== undefined)
    return { id: "budget", status: "pass", words: `${words}; the stack allows $${budget}` };
  return {
    id: "budget",
    status: "note",
    words: `${words}; the stack has no limit`,
    advice: advice("Set one.", setConfig(stack, "monthlyBudgetUsd", String(Math.ceil(cost)))),
  };
}

/** The back end of Pulumi.yaml before a team changes it. */
export const FILE_BACKEND = "file://./.propiq?metadata=skip";

const moveToTeam = (stack: string): Advice =>
  advice(
    "Move it once, on the machine that has it, to a place that every run reaches (docs/team.md). If no machine has a state yet, use the last command in place of the one before it. Then give the pipeline the same PULUMI_BACKEND_URL.",
    program(
      ...["az", "storage", "account", "create", "--name", "STATE_ACCOUNT"],
      ...["--resource-group", AZURE_DEFAULTS.resourceGroup],
      ...["--allow-blob-public-access", "false", "--min-tls-version", "TLS1_2"],
    ),
    program(
      ...["az", "storage", "container", "create", "--name", "propiq-state"],
      ...["--account-name", "STATE_ACCOUNT", "--auth-mode", "login"],
    ),
    shell("export PULUMI_BACKEND_URL='azblob://propiq-state?storage_account=STATE_ACCOUNT'"),
    propiq("pulumi", "stack", "migrate", FILE_BACKEND, stack, "--yes"),
    propiq("pulumi", "stack", "init", stack),
  );

function judgeState({ stack, plan }: Settings, backend: Backend): Finding[] {
  const { url, pipeline, secrets } = backend;
  const findings = [judgePlace(stack, isLocal(plan), backend)];
  if (secrets === "passphrase-missing") {
    findings.push({
      id: "state",
      status: pipeline ? "fail" : "warn",
      words: "The passphrase that encrypts the stack's secrets is not set in this shell.",
      advice: advice(`Enter the passphrase of stack ${stack}.`, ENTER_PASSPHRASE),
    });
  }
  if (secrets === "passphrase-set") {
    findings.push({
      id: "state",
      status: "pass",
      words: "PULUMI_CONFIG_PASSPHRASE is set, which Pulumi's commands need",
    });
  }
  if (/^https?:/.test(url ?? "") && !backend.hasLogin) {
    findings.push({
      id: "state",
      status: pipeline ? "fail" : "warn",
      words: "The state is in Pulumi Cloud, and you are not logged in there.",
      advice: advice(
        "Enter a token from app.pulumi.com, Personal access tokens.",
        shell("read -rs PULUMI_ACCESS_TOKEN && export PULUMI_ACCESS_TOKEN"),
      ),
    });
  }
  return findings;
}

function judgePlace(stack: string, isLocalPlan: boolean, { url, pipeline }: Backend): Finding {
  // The state of a cache on this machine may stay on it.
  if (isLocalPlan || !url?.startsWith("file:"))
    return { id: "state", status: "pass", words: `state: ${placeOf(url)}` };
  if (pipeline) {
    return {
      id: "state",
      status: "fail",
      words:
        "The state is kept in files of this machine, which is deleted after the job. The next run would not know what exists, and would make everything again.",
      advice: moveToTeam(stack),
    };
  }
  const words =
    "The state is on this machine only. To share it with a team, see docs/team.md, Moving the state";
  return { id: "state", status: "note", words };
}

/** Without what may be secret in a URL: a database's password, a token in the query. */
function placeOf(url: string | undefined): string {
  if (url === undefined) return "where Pulumi is logged in to";
  const [, scheme = "", rest = ""] = /^([a-z0-9+]+):\/\/([^?]*)/i.exec(url) ?? [];
  return `${scheme}://${rest.replace(/^[^@/]*@/, "")}`;
}
