// @module-tag pipeline
/**
 * docs/team.md, command by command: a team that shares a stack. Its state is in an emulated Blob Storage and its secrets
 * behind an emulated Key Vault, both under their own names, for the user who is signed in by `az`. A developer waits
 * for what
 * a team does first; a pipeline for the whole page.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { azureCli } from "../support/azure-cli/azure-cli.ts";
import { type Cloud, makeCloud, PASSPHRASE } from "../support/cloud.ts";
import { type Command, commandsOf } from "../support/documents/commands.ts";
import { type GitHub, githubCli } from "../support/documents/github-cli.ts";
import { layTools, type Tools } from "../support/documents/tools.ts";
import { FIRST_STEPS, LONG, STORY } from "../support/parts.ts";
import { endAllWith } from "../support/processes.ts";
import { QUICK_CLONE, shareCompiled } from "../support/project.ts";
import { openShell, type Shell } from "../support/shell.ts";
import { type StateStore, startStateStore } from "../support/workflow-runner-state.ts";

const VAULT = "propiq-vault";
const REPOSITORY = "propiq/propiq-cache";
const PAGE = "docs/team.md";
const page = await readFile(join(PROJECT_ROOT, PAGE), "utf8");
const commands = commandsOf(PAGE);
const executed = new Set<Command>();

/** What stands there in the form of a command and is not executed here. */
const NOT_EXECUTED: Readonly<Record<string, string>> = {
  "npm test": "it runs this",
  "pulumi login": "a name",
  "pulumi cancel": "the page says why not",
  "./propiq-cache pulumi org set-default ORGANIZATION": "asks Pulumi Cloud, which is out of reach",
};

/** A command in a line of text, by words that stand in it. */
function inline(words: string): string {
  const found = commands.find(({ kind, text }) => kind === "inline" && text.includes(words));
  if (found === undefined) throw new Error(`${PAGE}: no command with ${words}`);
  executed.add(found);
  return found.text;
}

/** A block of commands below a heading, by words that stand in it. */
function block(heading: string, words: string): string {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  const found = [...section.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)]
    .map(([, indent = "", text = ""]) => text.replaceAll(new RegExp(`^${indent}`, "gm"), ""))
    .find((text) => text.includes(words));
  if (found === undefined) throw new Error(`${PAGE}, ${heading}: no block with ${words}`);
  for (const command of commands) if (found.includes(command.text)) executed.add(command);
  return found;
}

let cloud: Cloud;
let store: StateStore;
let tools: Tools;
let github: GitHub;
let folder: string;
/** Ann, whose machine has the state, and Ben, who comes later. */
let ann: Shell;
let ben: Shell;
let distrust: () => void;
let env: Record<string, string>;

beforeAll(async () => {
  cloud = await makeCloud();
  distrust = trustInThisProcess(cloud.authority);
  store = await startStateStore(cloud.azure);
  cloud.upstash.lead(store.host, store.port);
  store.roles.set(cloud.azure.principal, "Storage Blob Data Contributor");
  folder = await mkdtemp(join(tmpdir(), "propiq-team-"));
  const { bin: pulumi } = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
  const bin = join(folder, "bin");
  const gh = githubCli(REPOSITORY);
  github = gh.github;
  tools = await layTools(bin, { az: (await azureCli(cloud.azure)).tool, gh: gh.tool });
  // npm's own takes longer to find what is here than the command takes to start; other tests use it.
  const npx = '#!/bin/sh\n[ "$1" = propiq-cache ] || exit 1\nshift\nexec ./scripts/propiq-cache.mjs "$@"\n';
  await writeFile(join(bin, "npx"), npx, { mode: 0o755 });
  env = {
    ...cloud.env,
    PATH: [bin, dirname(process.execPath), dirname(pulumi), process.env["PATH"] ?? ""].join(delimiter),
    HOME: folder,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    ...QUICK_CLONE,
    STATE: "propiqstate",
    GROUP: "propiq-rg",
    VAULT,
    REPOSITORY,
    // A person says yes; nobody types here.
    PULUMI_SKIP_CONFIRMATIONS: "true",
    // Whom Go's clients trust.
    SSL_CERT_FILE: cloud.authority.own.cert,
    ...Object.fromEntries(["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_NAME`, "Ann"])),
    ...Object.fromEntries(["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_EMAIL`, "ann@example.com"])),
  };
  ann = await shellIn("ann", cloud.project.root);
  await ann.well(`${inline("az login")}\n${inline("AZURE_TOKEN_CREDENTIALS")}`);
  await ann.well(PIPELINES);
  await cloud.configure({ drainSeconds: "0" });
  await ann.well("git init -q && echo node_modules >> .git/info/exclude && git add -A && git commit -qm All");
});
afterAll(async () => {
  distrust?.();
  await cloud?.stop();
  await store?.stop();
  await tools?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** What the set-up of the pipelines has made before, as far as this page continues from it. */
const PIPELINES = `
az storage account create --name "$STATE" --resource-group "$GROUP" --allow-blob-public-access false --min-tls-version TLS1_2
for ENVIRONMENT in prod prod-preview prod-watch; do
  az ad sp create --id "$(az ad app create --display-name "propiq-cache-$ENVIRONMENT" --query appId --output tsv)"
  gh api --method PUT "repos/$REPOSITORY/environments/$ENVIRONMENT"
done`;

async function shellIn(name: string, root: string): Promise<Shell> {
  const memory = join(folder, name);
  await mkdir(memory);
  return openShell(root, memory, env);
}

const vault = () => cloud.azure.vault(VAULT);
const held = () => cloud.azure.site().settings();
const file = (name: string) => cloud.project.read(name);
const changed = async () => (await ann.well("git status --porcelain")).trim();
const password = () => held()["REDIS_PASSWORD"] ?? "no password";
/** What the state says is the cache's URL, as anyone who can open it sees it. */
const opened = (shell: Shell) =>
  shell.well("./propiq-cache pulumi stack output redisUrl --show-secrets --stack prod");
const UP = "./propiq-cache pulumi up --stack prod --skip-preview";

/** Waits until an update of Ann's is at work in a cloud. */
async function atWork(since: number): Promise<void> {
  const started = () =>
    [...cloud.azure.log, ...cloud.upstash.log].some(
      ({ at, method, path }) =>
        at >= since && (method === "PUT" || /^POST \/v2\/redis\/database$/.test(`${method} ${path}`)),
    );
  while (!started()) await sleep(5);
}

describe("the state of a team", { ...STORY, ...FIRST_STEPS }, () => {
  describe("a state on one machine", () => {
    it("is reported by preflight in one line, and refused in a pipeline with the commands that move it", async () => {
      const alone = await ann.well(inline("preflight --stack prod"));
      expect(alone).toMatch(/^· The state is on this machine only\. .*docs\/team\.md/m);
      const { code, all } = await ann.run("CI=true ./propiq-cache preflight --stack prod");
      expect(code, all).toBe(1);
      const migrate = /^ +(?:Run: )?(\.\/propiq-cache pulumi stack migrate .*)$/m.exec(all)?.[1] ?? "none";
      expect(block("Moving the state", "migrate 'file:").split("\n")).toContain(migrate);
    });

    it("allows one update at a time: the second stops before it changes anything, and says who runs the first", async () => {
      const since = Date.now();
      const first = ann.run(block("Moving the state", "up --stack prod"));
      await atWork(since);
      const second = await ann.run(UP);
      expect(second.code).not.toBe(0);
      expect(second.all).toContain("Another update of stack prod is running: ");
      expect(second.all).toContain("Wait for it to end");
      const { code, all } = await first;
      expect(code, all).toBe(0);
      expect(held()).toMatchObject({ REDIS_ENABLED: "true" });
    });
  });

  describe("a state that moves", () => {
    it("is refused where a user may not write to the new place, and remains where it was", async () => {
      store.roles.set(cloud.azure.principal, "Storage Blob Data Reader");
      const before = await file("Pulumi.prod.yaml");
      const { code, all } = await ann.run(block("Moving the state", "migrate 'file:"));
      store.roles.set(cloud.azure.principal, "Storage Blob Data Contributor");
      expect(code, all).not.toBe(0);
      expect(all).toContain("deploying needs Storage Blob Data Contributor");
      expect(store.names()).toEqual([]);
      expect(await file("Pulumi.prod.yaml")).toBe(before);
      expect(await changed()).toBe("");
    });

    it("can move once the empty stack at the new place is removed", async () => {
      const there = `export PULUMI_BACKEND_URL='${store.url}'\n`;
      await ann.well(`${there}./propiq-cache pulumi stack init prod`);
      const { code, all } = await ann.run(block("Moving the state", "migrate 'file:"));
      expect(code, all).not.toBe(0);
      expect(all).toContain("already exists");
      await ann.well(inline("stack rm prod --preserve-config --yes"));
      expect(await changed()).toBe("");
    });

    it("is available to all from Azure Storage, with nothing to change and its secrets as they were", async () => {
      const salt = /^encryptionsalt: .*$/m.exec(await file("Pulumi.prod.yaml"))?.[0] ?? "none";
      const writes = cloud.azure.site().writes.length;
      await ann.well(inline("blob-service-properties"));
      const moved = await ann.well(block("Moving the state", "migrate 'file:"));
      expect(moved).toMatch(/\d unchanged/);
      await ann.well(block("Moving the state", "stack rm"));

      expect(await changed()).toBe("");
      expect(await ann.well("git show --stat --format= HEAD")).toMatch(/^ Pulumi\.yaml .*\n 1 file changed/);
      expect(await file("Pulumi.yaml")).toContain(`url: ${store.url}`);
      expect(await file("Pulumi.prod.yaml")).toContain(salt);
      expect(cloud.azure.site().writes.length).toBe(writes);
      expect(store.names()).toContain(".pulumi/stacks/propiq-cache/prod.json");
      for (const name of store.names()) expect(store.read(name)).not.toContain(password());
      expect(decodeURIComponent(await opened(ann))).toContain(password());
    });

    it("is removed from the old machine, except for a backup", async () => {
      const kept = await readdir(join(cloud.project.root, ".propiq/.pulumi"), { recursive: true });
      expect(kept.filter((name) => /stacks\/propiq-cache\/prod\.json$/.test(name))).toEqual([]);
      expect(kept.filter((name) => /backups\/.*\.json$/.test(name))).not.toEqual([]);
    });

    it("is all that a colleague needs on a new machine, in addition to the passphrase", async () => {
      const root = join(folder, "clone");
      await ann.well(`git clone -q . '${root}'`);
      await symlink(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"));
      await shareCompiled(root);
      ben = await shellIn("ben", root);
      const lines = block("A new colleague, a new laptop", "preflight").replace("npm ci && ", "");
      await ben.well(`${inline("AZURE_TOKEN_CREDENTIALS")}\n${lines}`, `${PASSPHRASE}\n`);
      const wrong = await ben.run(
        "PULUMI_CONFIG_PASSPHRASE=wrong ./propiq-cache pulumi preview --stack prod",
      );
      expect(wrong.all).toContain("is not the passphrase of stack prod");
    });

    it("is not moved by a login alone, and a message says so", async () => {
      const said = await ann.well(`./propiq-cache pulumi login 'file://${folder}'`);
      expect(said).toContain("A login does not change it.");
      expect(await ann.well("./propiq-cache pulumi whoami --verbose")).toContain(store.url);
    });

    it("remains separate from the stacks of each machine", async () => {
      const listed = await ben.well("./propiq-cache pulumi config --stack native --json");
      expect(listed).toContain('"native"');
      expect(store.names().filter((name) => name.includes("native"))).toEqual([]);
    });
  });

  describe("a password that was reset at Upstash", LONG, () => {
    it("reaches the app by the documented command", async () => {
      const before = password();
      await cloud.upstash.resetPassword(cloud.upstash.databases()[0]?.id ?? "");
      await ann.well("./propiq-cache repair --stack prod --yes");
      expect(password()).not.toBe(before);
      expect(password()).toBe(cloud.upstash.databases()[0]?.password);
    });
  });

  describe("an update that is killed while it holds the shared state", () => {
    it("keeps others out, and is recovered by one command from another machine", async () => {
      await ann.well("./propiq-cache pulumi config set plan azure-c0 --stack prod");
      await ann.well('git commit -qam "Grow"');
      await ben.well("git pull -q");
      const since = Date.now();
      const killed = ann.run(UP);
      await atWork(since);
      await endAllWith("PULUMI_HOME", cloud.env["PULUMI_HOME"] ?? "");
      expect((await killed).code).not.toBe(0);
      expect(store.names().filter((name) => name.includes("/locks/"))).toHaveLength(1);

      const line = block("A stale lock, a killed update", "repair").trim();
      const second = await ben.run(UP);
      expect(second.code).not.toBe(0);
      expect(second.all).toContain("no such process runs here");
      expect(second.all).toContain("Run: ./propiq-cache repair --force-unlock --stack prod\n");
      expect(held()["REDIS_HOST"]).toBe(cloud.upstash.databases()[0]?.host);

      await ben.well(`${line} --force-unlock --yes`);
      expect(cloud.azure.caches().map(({ host }) => host)).toEqual([held()["REDIS_HOST"]]);
      expect(cloud.upstash.databases()).toEqual([]);
      expect(store.names().filter((name) => name.includes("/locks/"))).toEqual([]);
      const after = await ben.well(UP);
      expect(after).toMatch(/\d unchanged/);
      expect(after).not.toContain("pending operations");
    });
  });

  describe("secrets behind a key vault", () => {
    const make = () => block("Moving the secrets", "az keyvault create");
    const move = () => block("Moving the secrets", "azurekeyvault:");

    it("open for every user who may use its key, without a passphrase", async () => {
      await ann.well(make());
      cloud.upstash.lead(`${VAULT}.vault.azure.net:443`, Number(new URL(vault().uri).port));
      await ann.well(move());
      const config = await file("Pulumi.prod.yaml");
      expect(config).toMatch(
        /^secretsprovider: azurekeyvault:\/\/propiq-vault\.vault\.azure\.net\/keys\/propiq-state\/[0-9a-f]{32}$/m,
      );
      expect(config).toMatch(/^encryptedkey: /m);
      expect(config).not.toContain("encryptionsalt");
      await ben.well("git pull -q && unset PULUMI_CONFIG_PASSPHRASE");
      expect(decodeURIComponent(await opened(ben))).toContain(password());

      vault().keyUsers.clear();
      const { code, all } = await ben.run("./propiq-cache pulumi preview --stack prod");
      vault().keyUsers.add(cloud.azure.principal);
      expect(code, all).not.toBe(0);
      expect(all).toContain("You need the role Key Vault Crypto User");
    });

    it("remain readable when the key gets a newer version, which is then used", async () => {
      const before = await file("Pulumi.prod.yaml");
      await ann.well(`${make().trim().split("\n").at(-1)}\n${move()}`);
      expect(await file("Pulumi.prod.yaml")).toContain(
        `keys/propiq-state/${vault().key("propiq-state")?.id}`,
      );
      expect(await file("Pulumi.prod.yaml")).not.toBe(before);
      expect(decodeURIComponent(await opened(ann))).toContain(password());
    });

    it("would be unreadable after a new version where the config names no version", async () => {
      const path = join(cloud.project.root, "Pulumi.prod.yaml");
      const config = await file("Pulumi.prod.yaml");
      await writeFile(path, config.replace(/(keys\/propiq-state)\/\w+/, "$1"));
      vault().makeKey("propiq-state");
      const { code, all } = await ann.run("./propiq-cache pulumi preview --stack prod");
      await writeFile(path, config);
      expect(code, all).not.toBe(0);
      expect(all).toContain("Name the version. See docs/team.md, Moving the secrets");
    });

    it("move back to a passphrase", async () => {
      const back = block("Moving the secrets", "change-secrets-provider passphrase");
      await ann.well(back, "a passphrase again\n");
      const config = await file("Pulumi.prod.yaml");
      expect(config).toContain("encryptionsalt: ");
      expect(config).not.toMatch(/secretsprovider|encryptedkey/);
      expect(decodeURIComponent(await opened(ann))).toContain(password());
    });
  });

  describe("a user who leaves", LONG, () => {
    it("loses every role", async () => {
      const roles = "az role assignment list --all --assignee \"$WHO\" --query '[].roleDefinitionName'";
      await ann.well(`
export WHO=$(az ad app create --display-name ben --query appId --output tsv)
az ad sp create --id "$WHO"
for ROLE in Reader 'Website Contributor'; do
  az role assignment create --assignee "$WHO" --role "$ROLE" --scope "$(az group show --name "$GROUP" --query id --output tsv)"
done`);
      expect(JSON.parse(await ann.well(roles))).toEqual(["Reader", "Website Contributor"]);
      await ann.well(inline("az role assignment list"));
      expect(JSON.parse(await ann.well(roles))).toEqual([]);
    });

    it("cannot decrypt anything with the old passphrase", async () => {
      await ben.well("git pull -q && export PULUMI_CONFIG_PASSPHRASE='a passphrase again'");
      expect(decodeURIComponent(await opened(ben))).toContain(password());
      const change = block("A colleague leaves", "change-secrets-provider passphrase");
      // At a terminal Pulumi asks for the new one; here it reads all that there is.
      const [first = "", commit = "", read = ""] = change.split("\n");
      await ann.well(first, "a new passphrase\n");
      await ann.well(`${commit}\n${read}`, "a new passphrase\n");
      expect(await changed()).toBe("");
      expect(decodeURIComponent(await opened(ann))).toContain(password());
      await ann.well(block("A colleague leaves", "gh secret set"));
      expect([...github.environments.values()].map(({ secrets }) => [...secrets])).toEqual(
        Array(3).fill([["PULUMI_CONFIG_PASSPHRASE", "a new passphrase"]]),
      );

      await ben.well("git pull -q");
      const old = await ben.run("./propiq-cache pulumi stack output redisUrl --show-secrets --stack prod");
      expect(old.code).not.toBe(0);
      expect(old.all).not.toContain(password());
    });

    it("has no valid key of the cache, and the app never stops", async () => {
      const [cache] = cloud.azure.caches();
      const before = { ...cache?.keys };
      for (const line of block("Rotating the secret", "rotate").trim().split("\n")) {
        await ann.well(line);
        await expectServed();
      }
      expect(password()).toBe(cache?.keys["primary"]);
      for (const key of Object.values(before)) expect(Object.values(cache?.keys ?? {})).not.toContain(key);
    });

    async function expectServed(): Promise<void> {
      const { code, all } = await ann.run("./propiq-cache verify --stack prod --app --deadline 30");
      expect(code, all).toBe(0);
    }
  });

  describe("a passphrase that is lost", LONG, () => {
    it("costs the state, and not the app: a new cache replaces the old one", async () => {
      const [old] = cloud.azure.caches();
      await ann.well("export PULUMI_CONFIG_PASSPHRASE='something else'");
      const { all } = await ann.run("./propiq-cache pulumi preview --stack prod");
      expect(all).toContain("see docs/team.md, The passphrase is lost");

      await ann.well(block("The passphrase is lost", "stack export"), "one that is kept\n");
      const made = cloud.azure.caches().find(({ name }) => name !== old?.name);
      expect(held()["REDIS_HOST"]).toBe(made?.host);
      expect(made?.name).toContain("propiq-redis-2");
      expect(cloud.azure.caches().map(({ name }) => name)).toContain(old?.name);
      expect(await ann.well(UP)).toMatch(/\d unchanged/);
      expect(await ann.well(inline("az resource list"))).toContain(old?.name);
      await ann.well(`${inline("plan upstash-payg")}\n${inline("upstash.budget 5")}`);
      await ann.well("git checkout -q Pulumi.prod.yaml");
    });
  });

  describe("a state that moves to another back end", LONG, () => {
    it("moves to Pulumi Cloud by a command that Pulumi accepts, and does not move where Pulumi Cloud cannot be reached", async () => {
      const [before, names] = [await file("Pulumi.prod.yaml"), store.names()];
      const lines = block("Moving the state", "api.pulumi.com").replace(
        "'file://./.propiq?metadata=skip'",
        `'${store.url}'`,
      );
      const { code, all } = await ann.run(lines, "pul-0123456789\n");
      expect(code, all).not.toBe(0);
      expect(cloud.upstash.refusedHosts).toContain("api.pulumi.com:443");
      expect(all).toContain("opening target backend");
      expect(await file("Pulumi.prod.yaml")).toBe(before);
      expect(store.names()).toEqual(names);
      const preflight = await ann.run(
        "CI=true PULUMI_ACCESS_TOKEN= PULUMI_BACKEND_URL=https://api.pulumi.com ./propiq-cache preflight --stack prod",
      );
      expect(preflight.all).toContain("in Pulumi Cloud, and you are not logged in");
    });

    it("moves back to files of one machine", async () => {
      await ann.well(block("Moving the state", 'migrate "azblob:'));
      const [here, there] = ["'file://./.propiq?metadata=skip'", `'${store.url}'`];
      await ann.well(block("Moving the state", "stack rm").replace(here, there));
      expect(await changed()).toBe("?? prod-lost.json");
      expect(await file("Pulumi.yaml")).toContain("url: file://./.propiq?metadata=skip");
      expect(store.names()).not.toContain(".pulumi/stacks/propiq-cache/prod.json");
      expect(await ann.well(UP)).toMatch(/\d unchanged/);
    });
  });

  it("has executed every command of the page, except for those that are listed", LONG, () => {
    const left = commands.filter((command) => !executed.has(command)).map(({ text }) => text);
    const isListed = (text: string) =>
      Object.keys(NOT_EXECUTED).filter((command) => text === command || text.startsWith(`${command} --`));
    expect(left.filter((text) => isListed(text).length === 0)).toEqual([]);
    expect(left.flatMap(isListed).toSorted()).toEqual(Object.keys(NOT_EXECUTED).toSorted());
  });
});
