/** `az` as a tool of a reader's: signed in to the emulated Azure, with its own rules and words. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import jmespath from "jmespath";
import { ArmError, openArm } from "../../../infra/azure/arm.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import type { Tool, ToolAnswer, ToolCall } from "../documents/tools.ts";
import { type Ask, AzError, answersOf } from "./answers.ts";
import type { Grant } from "./directory.ts";
import { type AzCall, AzUsage, parseAz } from "./parse.ts";

/** Refuses what `az` refuses, and what it does not know. */
export async function azureCli(azure: Azure): Promise<{ tool: Tool; grants: readonly Grant[] }> {
  const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
  const { answers, grants } = answersOf();
  const tool: Tool = async ({ words, ...person }) => {
    try {
      const call = parseAz(words);
      const ask: Ask = { ...call, person, azure, arm, request: (request) => arm.request(request) };
      if (call.command === "login") return await login(ask);
      const account = await signedIn(person);
      if (account === undefined) throw new AzError("Please run 'az login' to setup account.");
      const answer = call.command.startsWith("account ")
        ? await ACCOUNT[call.command]?.(ask, account)
        : await answers[call.command]?.(ask);
      if (answer === undefined) throw new Error(`az ${call.command} has no effect here yet`);
      return "ask" in answer ? { ask: answer.ask } : { stdout: shown(call, answer.value) };
    } catch (error) {
      if (error instanceof AzUsage) return { code: 2, stderr: `ERROR: ${error.message}\n` };
      // ARM's own words, as az prints them.
      if (error instanceof AzError || error instanceof ArmError)
        return {
          code: error instanceof ArmError && error.status === 404 ? 3 : 1,
          stderr: `ERROR: ${error.message}\n`,
        };
      throw error;
    }
  };
  return { tool, grants };
}

type Account = Record<string, unknown>;
const profileOf = (home: string): string => join(home, ".azure", "azureProfile.json");

async function signedIn({ home }: Omit<ToolCall, "words">): Promise<Account | undefined> {
  const text = await readFile(profileOf(home), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return (JSON.parse(text.replace(/^\uFEFF/, "")) as { subscriptions: Account[] }).subscriptions[0];
}

/** In a terminal it asks which subscription (azure/cli/command_modules/profile/_subscription_selector.py). */
async function login({ person, azure }: Ask): Promise<ToolAnswer> {
  const { subscriptionId: id, tenantId } = azure;
  const subscription = {
    ...{ environmentName: "AzureCloud", homeTenantId: tenantId, id, isDefault: true, managedByTenants: [] },
    ...{
      name: "Production",
      state: "Enabled",
      tenantId,
      user: { name: "someone@example.com", type: "user" },
    },
  };
  const question = "Select a subscription and tenant (Type a number or Enter for no changes): ";
  if (person.terminal && person.input === undefined)
    return {
      stdout: `\n[Tenant and subscription selection]\n\nNo     Subscription name    Subscription ID\n-----  -------------------  ---------------\n[1] *  Production           ${id}\n\n`,
      ask: question,
    };
  if (person.terminal && !["", "1"].includes(person.input ?? ""))
    return { stderr: "WARNING: Invalid selection.\n", ask: question };
  await mkdir(join(person.home, ".azure"), { recursive: true });
  await writeFile(profileOf(person.home), `\uFEFF${JSON.stringify({ subscriptions: [subscription] })}`);
  return person.terminal
    ? { stdout: `\nTenant: ${tenantId}\nSubscription: Production (${id})\n\n` }
    : { stdout: `${JSON.stringify([subscription], null, 2)}\n` };
}

const ACCOUNT: Readonly<
  Record<string, (ask: Ask, account: Account) => Promise<{ value: unknown }> | { value: unknown }>
> = {
  "account show": (ask, account) => {
    const wanted = ask.value("--subscription");
    if (wanted !== undefined && wanted !== account["id"] && wanted !== account["name"])
      throw new AzError(`Subscription '${wanted}' not found. Check the spelling and casing and try again.`);
    return { value: account };
  },
  async "account get-access-token"({ arm, azure, value }) {
    const resource = value("--resource") ?? "https://management.core.windows.net/";
    const token = await arm.credential.getToken(`${resource.replace(/\/$/, "")}/.default`);
    const expires = new Date(token?.expiresOnTimestamp ?? 0);
    return {
      value: {
        accessToken: token?.token,
        expiresOn: expires.toISOString().replace("T", " ").replace("Z", "000"),
        expires_on: Math.floor(expires.getTime() / 1000),
        subscription: azure.subscriptionId,
        tenant: azure.tenantId,
        tokenType: "Bearer",
      },
    };
  },
};

/** What `--query` and `--output` make of an answer (knack/output.py). */
function shown({ value, command }: AzCall, answer: unknown): string {
  const query = value("--query");
  const picked: unknown = query === undefined ? answer : jmespath.search(answer, query);
  if (picked === null || picked === undefined) return "";
  const output = value("--output") ?? "json";
  const rows = [picked].flat() as unknown[];
  const forms: Readonly<Record<string, () => string>> = {
    none: () => "",
    json: () => `${JSON.stringify(picked, null, 2)}\n`,
    tsv: () => rows.map((row) => `${cells(row).join("\t")}\n`).join(""),
    table: () => {
      if (rows.length === 0) return "";
      const columns = Object.entries(Object(rows[0]) as Account)
        .filter(([key, each]) => !/^(id|type|etag)$/.test(key) && typeof each !== "object")
        .map(([key]) => key);
      return `${[columns, ...rows.map((row) => columns.map((key) => cell((row as Account)[key])))]
        .map((row) => row.join("  "))
        .join("\n")}\n`;
    },
  };
  const form = forms[output];
  if (form === undefined) throw new Error(`az ${command}: --output ${output} is not known here`);
  return form();
}

/** A row that is a truth value is written small, one within a row as Python has it (knack/output.py, _TsvOutput). */
function cells(value: unknown): string[] {
  if (typeof value === "boolean") return [String(value)];
  if (typeof value !== "object" || value === null) return [String(value ?? "")];
  return Object.values(value).map(cell);
}

function cell(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  if (typeof value === "object" || value === undefined) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
