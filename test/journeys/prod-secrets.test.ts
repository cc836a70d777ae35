// @module-tag pipeline
/** Canaries in place of every key and password, with characters that each format writes in its own way: none gets out. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { refusals } from "../../rehearsal/azure/refusals.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";
import { type Watch, watchCommandLines } from "../support/processes.ts";

/** The middle of it looks the same raw, percent-encoded, in JSON and in XML. */
const core = () => `Canary${randomBytes(9).toString("hex")}`;
const canary = (middle: string) => `/+%"&<${middle}/+%"&<=`;

const keyCores: string[] = [];
let cloud: Cloud;
let theirs: TestRedis;
let theirCore: string;
let temporary: string;
let watch: Watch;
const said: string[] = [];
beforeAll(async () => {
  const newKey = () => {
    const middle = core();
    keyCores.push(middle);
    return canary(middle);
  };
  cloud = await makeCloud({ azure: { newKey } });
  theirCore = core();
  theirs = await startRedis({ password: canary(theirCore) });
  temporary = await mkdtemp(join(tmpdir(), "propiq-tmp-"));
  cloud.env["TMPDIR"] = temporary;
  await cloud.configure({ drainSeconds: "0" });
  watch = watchCommandLines();
});
afterEach(async () => {
  expectNone(await filesIn(temporary));
});
afterAll(async () => {
  await watch?.stop();
  await cloud?.stop();
  await theirs?.stop();
  if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
});

/** What must not be seen: the canaries' middles, their base64 wherever it begins, and the credentials of the pipeline. */
function forbidden(): string[] {
  const canaries = [...keyCores, theirCore];
  const { ARM_CLIENT_SECRET: clientSecret = "", PULUMI_CONFIG_PASSPHRASE: passphrase = "" } = cloud.env;
  const credentials = [clientSecret, passphrase, cloud.upstash.apiKey];
  const passwords = cloud.upstash.databases().map(({ password }) => password);
  return [
    ...canaries,
    ...canaries.flatMap(base64Of),
    ...[...credentials, ...passwords].flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
      ...base64Of(secret),
    ]),
  ];
}

/** At each of the three offsets, without the characters at its ends that neighbours change; base64url likewise. */
function base64Of(text: string): string[] {
  const forms = [0, 1, 2].map((offset) =>
    Buffer.from(" ".repeat(offset) + text)
      .toString("base64")
      .replace(/=+$/, "")
      .slice(4, -2),
  );
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** Named by place, so that a failure does not print what it is about. */
const leaksIn = (texts: Readonly<Record<string, string>>): string[] => {
  const secrets = forbidden();
  return Object.entries(texts)
    .filter(([, text]) => secrets.some((secret) => text.includes(secret)))
    .map(([place]) => place);
};
const expectNone = (texts: Readonly<Record<string, string>>) => expect(leaksIn(texts)).toEqual([]);

async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = files
    .filter((file) => !file.includes("node_modules"))
    .map(async (file) => [file, await readFile(file, "latin1").catch(() => "")] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Runs it, looks at all temporary files meanwhile, and at all that it says. */
async function run(words: readonly string[], options: { fails?: boolean; input?: string } = {}) {
  const { fails = false, input } = options;
  const running = cloud.project.run(words, { env: cloud.env, ...(input === undefined ? {} : { input }) });
  let ended = false;
  const looking = (async () => {
    while (!ended) {
      expectNone(await filesIn(temporary));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const outcome = await running;
  ended = true;
  await looking;
  said.push(outcome.all);
  expectNone({ [words.join(" ")]: outcome.all });
  if ((outcome.code !== 0) !== fails)
    throw new Error(`${words.join(" ")} ended with ${outcome.code}:\n${outcome.all}`);
  return outcome;
}
const pulumi = (...words: string[]) => run(["pulumi", ...words, "--stack", "prod", "--non-interactive"]);

describe("keys and passwords", STORY, () => {
  it("of a cache in Azure stay hidden by preview, up, another key, refresh, export and verify", async () => {
    await cloud.configure({ plan: "azure-c0" });
    await pulumi("up", "--yes", "--diff");
    await cloud.configure({ keySlot: "secondary" });
    await pulumi("up", "--yes", "--skip-preview", "--refresh", "--diff");
    const exported = await pulumi("stack", "export");
    await pulumi("stack", "output", "--json");
    const reports = ["json", "html"].flatMap((format) => ["--report", `${format}=report.${format}`]);
    await run(["verify", "--stack", "prod", ...reports]);
    expect(await cloud.project.read("report.html")).toMatch(/^<!doctype html>/i);

    // What is searched for is there, and would be found.
    const shown = await cloud.pulumi("stack", "export", "--show-secrets");
    expect(leaksIn({ shown: shown.all })).toEqual(["shown"]);
    expect(exported.all).toContain("propiq:index:AppSettings");
  });

  it("stay hidden where Azure itself says them in a refusal", async () => {
    const { secondary = "" } = cloud.azure.caches()[0]?.keys ?? {};
    await cloud.configure({ keySlot: "primary" });
    const { primary = "" } = cloud.azure.caches()[0]?.keys ?? {};
    const words = `The value '${primary}' (${encodeURIComponent(primary)}, before '${secondary}') is not allowed.`;
    cloud.azure.fault({
      method: "PUT",
      path: /\/config\/appsettings$/,
      reply: refusals.badRequest(words).reply,
    });
    const refused = await run(["pulumi", "up", "--yes", "--skip-preview", "--stack", "prod"], {
      fails: true,
    });
    expect(refused.all).toContain("is not allowed");
  });

  it("of another user's Redis stay hidden, also where they are wrong", async () => {
    const url = (middle: string) =>
      `redis://:${encodeURIComponent(canary(middle))}@127.0.0.1:${theirs.port}/0`;
    const set = ["pulumi", "config", "set", "--secret", "propiq-cache:url", "--stack", "prod"];
    const wrong = core();
    keyCores.push(wrong);
    await cloud.configure({ plan: "external" });
    await run(set, { input: url(wrong) });
    const up = ["pulumi", "up", "--yes", "--skip-preview", "--diff", "--stack", "prod"];
    const refused = await run(up, { fails: true });
    expect(refused.all).toMatch(/AUTH_WRONG/);
    await run(set, { input: url(theirCore) });
    await pulumi("up", "--yes", "--skip-preview", "--diff");
    await pulumi("stack", "export");
    await pulumi("destroy", "--yes", "--skip-preview");
  });

  it("are in no file that is left, and were on no command line", async () => {
    expectNone(await filesIn(cloud.project.root));
    expectNone(await filesIn(cloud.env["PULUMI_HOME"] ?? ""));
    // The servers of this test get their own passwords there.
    const commands = (await watch.stop()).filter((command) => !/^redis-server /.test(command));
    expect(commands.some((command) => command.includes("pulumi"))).toBe(true);
    expectNone(Object.fromEntries(commands.map((command, index) => [`command line ${index}`, command])));
    // Nor a token: those of the emulated Entra ID begin like every JSON Web Token.
    expect(said.join("\n")).not.toMatch(/\beyJ[\w-]{16,}\./);
    expect(commands.join("\n")).not.toMatch(/\beyJ[\w-]{16,}\./);
  });
});
