/**
 * `gh` as a tool of a reader's: environments, variables and secrets of one repository. Flags: cli/cli 44ee1776,
 * pkg/cmd/{api,secret/set,variable/set}; bodies and refusals: https://docs.github.com/rest/deployments/environments.
 * What is not here is refused.
 */
import type { Tool, ToolAnswer, ToolCall } from "./tools.ts";

export interface GitHub {
  environments: Map<string, Environment>;
  protectedBranches: Set<string>;
}
export interface Environment {
  variables: Map<string, string>;
  secrets: Map<string, string>;
  reviewers: readonly Reviewer[];
  /** Branches that may use it; any where absent. */
  branches: string[] | undefined;
}
interface Reviewer {
  type: "User" | "Team";
  id: number;
}

/** What `gh` says before it ends with 1. */
class GhError extends Error {}

const USER_ID = 4711;

/** @param repository `owner/name` */
export function githubCli(repository: string): { tool: Tool; github: GitHub } {
  const github: GitHub = { environments: new Map(), protectedBranches: new Set() };
  const commands: Readonly<Record<string, (words: readonly string[], call: ToolCall) => ToolAnswer>> = {
    "variable set": (words, call) => set("variables", words, call),
    "secret set": (words, call) => set("secrets", words, call),
    api,
  };
  const environment = (name = "") => {
    const found = github.environments.get(name);
    if (found === undefined) throw new GhError("HTTP 404: Not Found");
    return found;
  };

  function set(kind: "variables" | "secrets", words: readonly string[], call: ToolCall): ToolAnswer {
    const known = { "--repo": "-R", "--env": "-e", "--body": "-b" };
    const { flags, rest } = flagsOf(words, known);
    const [name = "", ...more] = rest;
    if (name === "" || more.length > 0)
      throw new GhError(`accepts at most 1 arg(s), received ${rest.length}`);
    if (!/^[A-Z_][A-Z0-9_]*$/i.test(name) || /^GITHUB_/i.test(name)) throw new GhError(`HTTP 422: ${name}`);
    if (flags["--repo"] !== repository) throw new GhError(`HTTP 404: ${flags["--repo"]} not found`);
    const value = flags["--body"] ?? call.input;
    if (value === undefined)
      return { ask: kind === "secrets" ? "Paste your secret: " : "Paste your variable: " };
    if (value.trim() === "") throw new GhError("HTTP 422: value is empty");
    environment(flags["--env"])[kind].set(name, value.trim());
    return { stdout: "" };
  }

  function api(words: readonly string[], call: ToolCall): ToolAnswer {
    const known = { "--method": "-X", "--input": "", "--field": "-F", "--raw-field": "-f", "--jq": "-q" };
    const { flags, rest } = flagsOf(words, known);
    const [endpoint = "", ...more] = rest;
    if (more.length > 0) throw new GhError(`accepts 1 arg(s), received ${rest.length}`);
    if (flags["--input"] === "-" && call.input === undefined) return { ask: "" };
    const fields = [flags["--field"], flags["--raw-field"]].filter((field) => field !== undefined);
    const method = flags["--method"] ?? (fields.length > 0 ? "POST" : "GET");
    const body = flags["--input"] === "-" ? (JSON.parse(call.input ?? "") as object) : pairs(fields);
    const [, name = "", under = ""] =
      new RegExp(`^/?repos/${repository}/environments/([\\w-]+)(/.*)?$`).exec(endpoint) ?? [];
    const [, branch] =
      new RegExp(`^/?repos/${repository}/branches/([\\w-]+)/protection$`).exec(endpoint) ?? [];
    const routes: Readonly<Record<string, () => unknown>> = {
      "PUT branch": () => protectBranch(github, branch ?? "", body),
      "GET user": () => ({ id: USER_ID, login: "someone" }),
      PUT: () => putEnvironment(github, name, body as EnvironmentBody),
      "POST /deployment-branch-policies": () => {
        const { branches } = environment(name);
        const { name: branch } = body as { name?: string };
        if (branches === undefined || branch === undefined) throw new GhError("HTTP 404: Not Found");
        branches.push(branch);
        return { id: branches.length, name: branch };
      },
    };
    const route =
      routes[
        endpoint === "user"
          ? `${method} user`
          : branch !== undefined
            ? `${method} branch`
            : name === ""
              ? ""
              : `${method} ${under}`.trim()
      ];
    if (route === undefined) throw new GhError(`HTTP 404: ${method} ${endpoint} is not known here`);
    const answer = route();
    const query = flags["--jq"];
    if (query === undefined) return { stdout: `${JSON.stringify(answer)}\n` };
    if (!/^\.\w+$/.test(query)) throw new GhError(`--jq ${query} is not known here`);
    return { stdout: `${(answer as Record<string, unknown>)[query.slice(1)]}\n` };
  }

  const tool: Tool = (call) => {
    try {
      const count = call.words[0] === "api" ? 1 : 2;
      const command = commands[call.words.slice(0, count).join(" ")];
      if (command === undefined) throw new GhError(`unknown command "${call.words.join(" ")}" for "gh"`);
      return command(call.words.slice(count), call);
    } catch (error) {
      if (!(error instanceof GhError)) throw error;
      return { code: 1, stderr: `gh: ${error.message}\n` };
    }
  };
  return { tool, github };
}

function flagsOf<Name extends string>(words: readonly string[], known: Readonly<Record<Name, string>>) {
  const flags: Partial<Record<Name, string>> = {};
  const rest: string[] = [];
  const names = Object.entries(known) as [Name, string][];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-") || word === "-") {
      rest.push(word);
      continue;
    }
    const name = names.find(([long, short]) => word === long || word === short)?.[0];
    const value = words[index + 1];
    if (name === undefined) throw new GhError(`unknown flag: ${word}`);
    if (value === undefined) throw new GhError(`flag needs an argument: ${word}`);
    flags[name] = value;
    index += 1;
  }
  return { flags, rest };
}

function pairs(fields: readonly string[]): object {
  return Object.fromEntries(
    fields.map((field) => {
      const at = field.indexOf("=");
      if (at < 0) throw new GhError(`field "${field}" requires a value separated by an '=' sign`);
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

/** All four keys are required (docs.github.com/rest/branches/branch-protection). */
const PROTECTION = [
  "required_status_checks",
  "enforce_admins",
  "required_pull_request_reviews",
  "restrictions",
];

function protectBranch(github: GitHub, branch: string, body: object): object {
  const missing = PROTECTION.filter((key) => !Object.hasOwn(body, key));
  if (missing.length > 0)
    throw new GhError(`HTTP 422: Invalid request. ${missing.join(", ")} wasn't supplied.`);
  github.protectedBranches.add(branch);
  return body;
}

interface EnvironmentBody {
  reviewers?: Reviewer[] | null;
  deployment_branch_policy?: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  wait_timer?: number;
  prevent_self_review?: boolean;
}

/** What a PUT leaves out is removed: reviewers and policy are those of this body alone. */
function putEnvironment({ environments }: GitHub, name: string, body: EnvironmentBody): unknown {
  const {
    reviewers,
    deployment_branch_policy: policy,
    wait_timer: _,
    prevent_self_review: __,
    ...unknown
  } = body;
  if (Object.keys(unknown).length > 0)
    throw new GhError(`HTTP 422: Invalid request. ${Object.keys(unknown).join(", ")} not permitted.`);
  if (policy && policy.protected_branches === policy.custom_branch_policies)
    throw new GhError("HTTP 422: protected_branches and custom_branch_policies cannot have the same value");
  for (const { type, id } of reviewers ?? [])
    if (!/^(User|Team)$/.test(type) || !Number.isInteger(id)) throw new GhError("HTTP 422: reviewers");
  const before = environments.get(name) ?? { variables: new Map(), secrets: new Map() };
  environments.set(name, {
    ...{ variables: before.variables, secrets: before.secrets },
    reviewers: reviewers ?? [],
    branches:
      policy?.custom_branch_policies === true ? [...((before as Environment).branches ?? [])] : undefined,
  });
  return { id: environments.size, name };
}
