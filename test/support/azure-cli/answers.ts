/** What each `az` command answers and does: on the emulated Azure, and in a directory, a storage and a DevOps of its own. */
import type { Arm, ArmReply, ArmRequest } from "../../../infra/azure/arm.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import type { ToolCall } from "../documents/tools.ts";
import { directoryAnswers, type Grant } from "./directory.ts";
import type { AzCall } from "./parse.ts";
import { pipelineAnswers } from "./pipelines.ts";
import { storageAnswers } from "./storage.ts";
import { admitToKeys, vaultAnswers } from "./vaults.ts";

export interface Ask extends AzCall {
  person: Omit<ToolCall, "words">;
  azure: Azure;
  arm: Arm;
  request(request: ArmRequest): Promise<ArmReply>;
}
/** In `az`'s own words, with 1 as its exit code. */
export class AzError extends Error {}

export type Answer = { value: unknown } | { ask: string };
export type Answers = Readonly<Record<string, (ask: Ask) => Promise<Answer> | Answer>>;

const REDIS = "2024-11-01";
const RESOURCES = "2021-04-01";
const WEB = "2025-05-01";
/** By type, for commands that find it out by themselves. */
const VERSIONS: Readonly<Record<string, string>> = {
  "microsoft.cache/redis": REDIS,
  "microsoft.cache/redisenterprise": "2025-07-01",
  "microsoft.cache/redisenterprise/databases": "2025-07-01",
  "microsoft.web/sites": WEB,
};

export function answersOf(): { answers: Answers; grants: readonly Grant[] } {
  const directory = directoryAnswers();
  return {
    answers: {
      ...ARM,
      ...directory.answers,
      ...storageAnswers(directory),
      ...vaultAnswers(directory),
      ...pipelineAnswers(),
      "role assignment create": async (ask) => {
        const answer = await directory.answers["role assignment create"]?.(ask);
        admitToKeys(ask, directory);
        return answer ?? { value: null };
      },
    },
    grants: directory.grants,
  };
}

const ARM: Answers = {
  "redis list": async (ask) =>
    listed(ask, await read(ask, `${scopeOf(ask)}/providers/Microsoft.Cache/redis`, REDIS)),
  async "redis delete"(ask) {
    if (!ask.has("--yes") && ask.person.input === undefined)
      return { ask: "Are you sure you want to perform this operation? (y/n): " };
    if (!ask.has("--yes") && !/^y(es)?$/i.test(ask.person.input ?? ""))
      throw new AzError("Operation cancelled.");
    return await removed(
      ask,
      `${scopeOf(ask)}/providers/Microsoft.Cache/redis/${ask.value("--name")}`,
      REDIS,
    );
  },
  "redis regenerate-keys": (ask) =>
    acted(
      ask,
      `${scopeOf(ask)}/providers/Microsoft.Cache/redis/${ask.value("--name")}/regenerateKey`,
      REDIS,
      {
        keyType: ask.value("--key-type"),
      },
    ),
  // resource/custom.py, invoke_resource_action: the body as it is given
  "resource invoke-action": (ask) => {
    const id = ask.value("--ids") ?? "";
    const body: unknown = JSON.parse(ask.value("--request-body") ?? "{}");
    return acted(ask, `${id}/${ask.value("--action")}`, VERSIONS[typeOf(id)] ?? "", body);
  },
  async "resource list"(ask) {
    const [tag, type] = [ask.value("--tag"), ask.value("--resource-type")];
    // azure/cli/command_modules/resource/custom.py, _list_resources_odata_filter_builder
    const beside = ["--resource-group", "--resource-type", "--name", "--location"].filter((name) =>
      ask.has(name),
    );
    if (tag !== undefined && beside.length > 0)
      throw new AzError(`you cannot use '--tag' with '${beside[0]}'`);
    if (type !== undefined && !/^[^/]+\/[^/]+/.test(type))
      throw new AzError("Malformed resource-type: --resource-type=<namespace>/<resource-type> expected.");
    const all = (await read(ask, `${scopeOf(ask)}/resources`, RESOURCES)) as {
      tags?: object;
      type: string;
    }[];
    const [key = "", value = ""] = (tag ?? "").split("=");
    return listed(
      ask,
      all
        .filter(
          (one) => tag === undefined || (one.tags as Record<string, string> | undefined)?.[key] === value,
        )
        .filter((one) => type === undefined || one.type.toLowerCase() === type.toLowerCase()),
    );
  },
  "group show": (ask) =>
    ask
      .request({
        method: "GET",
        path: `/subscriptions/${ask.azure.subscriptionId}/resourcegroups/${ask.value("--name")}`,
        apiVersion: RESOURCES,
      })
      .then(({ body }) => ({ value: body })),
  "resource show": async (ask) => ({ value: (await byId(ask, "GET")).body }),
  "resource delete": async (ask) => {
    await byId(ask, "DELETE");
    return { value: null };
  },
  "webapp list": async (ask) =>
    listed(ask, await read(ask, `${scopeOf(ask)}/providers/Microsoft.Web/sites`, WEB)),
  "webapp restart": (ask) => toSite(ask, "restart"),
  "webapp start": (ask) => toSite(ask, "start"),
  // It follows the log until a user ends it; here there is none, and it ends by itself.
  "webapp log tail": async (ask) => {
    await ask.request({ method: "GET", path: siteOf(ask), apiVersion: WEB });
    return { value: null };
  },
};

function scopeOf({ azure, value }: Ask): string {
  const group = value("--resource-group");
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  return group === undefined ? subscription : `${subscription}/resourceGroups/${group}`;
}

const siteOf = (ask: Ask): string =>
  [
    ask.value("--ids") ?? `${scopeOf(ask)}/providers/Microsoft.Web/sites/${ask.value("--name")}`,
    ...(ask.has("--slot") ? ["slots", ask.value("--slot")] : []),
  ].join("/");

async function toSite(ask: Ask, verb: string): Promise<Answer> {
  await ask.request({ method: "POST", path: `${siteOf(ask)}/${verb}`, apiVersion: WEB });
  return { value: null };
}

async function read(ask: Ask, path: string, apiVersion: string): Promise<unknown[]> {
  const { body } = await ask.request({ method: "GET", path, apiVersion });
  return (body as { value: unknown[] }).value;
}

/** As the CLI's models have it: what stands under `properties` beside the rest, and the group by itself. */
function listed(_: Ask, items: readonly unknown[]): Answer {
  return {
    value: items.map((item) => {
      const { properties, ...rest } = item as { properties?: object; id: string };
      return { ...rest, ...properties, resourceGroup: /resourceGroups\/([^/]+)/i.exec(rest.id)?.[1] };
    }),
  };
}

async function acted(ask: Ask, path: string, apiVersion: string, body: unknown): Promise<Answer> {
  const { headers, body: answer } = await ask.request({ method: "POST", path, apiVersion, body });
  await settled(ask, headers["azure-asyncoperation"], apiVersion);
  return { value: answer };
}

async function removed(ask: Ask, path: string, apiVersion: string): Promise<Answer> {
  const { headers } = await ask.request({ method: "DELETE", path, apiVersion });
  await settled(ask, headers["azure-asyncoperation"], apiVersion);
  return { value: null };
}

async function settled(ask: Ask, operation: string | undefined, apiVersion: string): Promise<void> {
  if (operation === undefined) return;
  const path = operation.replace(/\?.*$/, "");
  for (;;) {
    const { body } = await ask.request({ method: "GET", path, apiVersion });
    const { status } = body as { status: string };
    if (status === "Succeeded") return;
    if (/^(Failed|Canceled)$/.test(status)) throw new AzError(`The operation ended as ${status}.`);
  }
}

async function byId(ask: Ask, method: "GET" | "DELETE"): Promise<ArmReply> {
  const path = ask.value("--ids");
  if (path === undefined) throw new Error("only --ids is known here");
  const apiVersion = VERSIONS[typeOf(path)];
  if (apiVersion === undefined) throw new Error(`type ${typeOf(path)} is not known here`);
  const reply = await ask.request({ method, path, apiVersion });
  if (method === "DELETE") await settled(ask, reply.headers["azure-asyncoperation"], apiVersion);
  return reply;
}

function typeOf(id: string): string {
  const [, namespace = "", rest = ""] = /\/providers\/([^/]+)\/(.+)$/i.exec(id) ?? [];
  return [namespace, ...rest.split("/").filter((_, index) => index % 2 === 0)].join("/").toLowerCase();
}
