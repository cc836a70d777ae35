// @module-tag pipeline
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type ChildEnd, runChild } from "../../../toolchain/child.ts";
import { layLanguageHost } from "../../../toolchain/language-host/lay.ts";
import { projectRoot } from "../../../toolchain/paths.ts";
import { ensurePulumi } from "../../../toolchain/pulumi.ts";

/** What the program does, by its environment: a change of config would be another run of the engine. */
const PROGRAM = `
import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
const how = process.env["HOW"];
console.log(\`title \${process.title}\`);
console.error("to stderr");
if (how === "throw") throw new Error("it broke");
if (how === "exit") process.exit(3);
if (how === "run-error") throw new pulumi.RunError("put it right");
if (how === "killed") process.kill(process.pid, "SIGKILL");
if (how === "wait") {
  writeFileSync("pids", JSON.stringify([process.pid, process.ppid]));
  await new Promise((resolve) => setTimeout(resolve, 300_000));
}
const list = config.requireObject<string[]>("list");
export const password = config.requireSecret("password");
export const seen = {
  list,
  secret: await pulumi.isSecret(password),
  place: [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()],
  dryRun: pulumi.runtime.isDryRun(),
  root: pulumi.runtime.getRootDirectory?.() ?? null,
};
`;

let root: string;
let env: Record<string, string | undefined>;
let bin: string;

/** The engine of the machine, with our language host first on its PATH whatever CLI it is. */
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "propiq-language-host-")));
  const cli = await ensurePulumi({ install: "yes", say: () => {}, env: process.env });
  bin = cli.bin;
  // Pulumi finds it by its name; the script leads to this project from wherever it lies.
  await mkdir(join(root, "host"));
  await layLanguageHost(join(root, "host"));
  await mkdir(join(root, "state"));
  await mkdir(join(root, "program"));
  await symlink(join(projectRoot, "node_modules"), join(root, "node_modules"));
  await writeFile(join(root, "program", "index.ts"), PROGRAM);
  await writeFile(join(root, "program", "package.json"), '{ "type": "module" }');
  await writeFile(
    join(root, "Pulumi.yaml"),
    `name: tiny
main: program/index.ts
runtime:
  name: nodejs
  options: { typescript: false, nodeargs: "--title='a b'" }
`,
  );
  env = {
    ...process.env,
    ...cli.env,
    PATH: `${join(root, "host")}:${cli.env["PATH"]}`,
    PULUMI_BACKEND_URL: `file://${join(root, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test",
    NO_COLOR: "1",
  };
  await pulumi("stack", "init", "test");
  await pulumi("config", "set", "--path", "list[0]", "one");
  await pulumi("config", "set", "--secret", "password", "hunter2");
});

afterAll(() => rm(root, { recursive: true, force: true }));

function pulumi(...words: string[]): Promise<ChildEnd> {
  return pulumiWith({}, ...words);
}

function pulumiWith(more: Record<string, string>, ...words: string[]): Promise<ChildEnd> {
  const options = { stdio: "capture", cwd: root, env: { ...env, ...more } } as const;
  return runChild(bin, [...words, "--non-interactive"], options);
}

const PIDS = () => join(root, "program", "pids");

/** The program's process and the language host's, once the program waits. */
async function startedPids(): Promise<number[]> {
  return JSON.parse(await readFile(PIDS(), "utf8")) as number[];
}

describe("the language host under the real engine", () => {
  it("runs a program with its arguments, its config and its secrets, and destroys its stack again", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toContain("title a b");
    expect(up.stdout).toContain("to stderr");
    const outputs = JSON.parse((await pulumi("stack", "output", "--json", "--show-secrets")).stdout);
    expect(outputs).toMatchObject({
      password: "hunter2",
      seen: { list: ["one"], secret: true, place: ["organization", "tiny", "test"], dryRun: false },
    });
    const again = await pulumi("preview", "--expect-no-changes");
    // The program says whether it is a preview: that is all that changes.
    expect(again.stdout).toMatch(/dryRun: false => true/);
    expect(await pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
  });

  it.each([
    [
      "throws",
      "throw",
      /Running program .* failed with an unhandled exception:[\s\S]*Error: it broke/,
      /exit code/,
    ],
    ["says what is wrong", "run-error", /error: put it right/, /exit code|unhandled/],
    ["exits by itself", "exit", /Program exited with non-zero exit code: 3\n/, /Error:/],
    [
      "is killed",
      "killed",
      /Program exited with non-zero exit code: -1 \(it was ended by SIGKILL\)/,
      /Error:/,
    ],
  ])("reports a program that %s, once", async (_what, how, told, notTold) => {
    const { code, stdout } = await pulumiWith({ HOW: how }, "preview");
    expect(code).toBe(1);
    expect(stdout).toMatch(told);
    expect(stdout).not.toMatch(notTold);
  });

  it("says what to install where the SDK is missing", async () => {
    await rm(join(root, "node_modules"));
    onTestFinished(() => symlink(join(projectRoot, "node_modules"), join(root, "node_modules")));
    const { code, stdout } = await pulumi("preview");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?",
    );
  });

  it("ends the program and itself when the engine is killed", async () => {
    const engine = startWaiting();
    const pids = await vi.waitFor(startedPids, 60_000);
    engine.kill("SIGKILL");
    for (const pid of pids) {
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), 20_000);
    }
  });

  it("ends a waiting program on the engine's Ctrl-C", async () => {
    await rm(PIDS(), { force: true });
    const engine = startWaiting();
    await vi.waitFor(startedPids, 60_000);
    engine.kill("SIGINT");
    expect(await new Promise((resolve) => engine.on("exit", resolve))).not.toBe(0);
  });
});

function startWaiting() {
  const options = { cwd: root, env: { ...env, HOW: "wait" }, stdio: "ignore" } as const;
  return spawn(bin, ["preview", "--non-interactive"], options);
}

/** A provider as the SDK lets one write it: Pulumi asks the language host to run it. */
const PLUGIN = `
import * as provider from "@pulumi/pulumi/provider/index.js";
const inputs = async (_urn, _olds, news) => ({ inputs: news, failures: [] });
provider.main({
  version: "1.0.0",
  check: inputs,
  create: async (_urn, { kind }) => {
    if (kind === "bad") throw new Error("the provider says no");
    return { id: "made", outs: { title: process.title } };
  },
}, process.argv.slice(2));
`;

const PLUGIN_PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
const thing = new pulumi.CustomResource("tiny-plugin:index:Thing", "thing", {
  kind: new pulumi.Config().get("how") ?? "good",
  title: undefined,
});
export const id = thing.id;
export const title = thing.title;
`;

describe("the language host that runs a plugin", () => {
  beforeAll(async () => {
    const files = {
      "plugin/PulumiPlugin.yaml":
        "runtime: { name: nodejs, options: { typescript: false, nodeargs: --title=plugged } }\n",
      "plugin/package.json":
        '{ "type": "module", "name": "tiny-plugin", "version": "1.0.0", "main": "index.js" }',
      "plugin/index.js": PLUGIN,
      "program/plugged.js": PLUGIN_PROGRAM,
      "Pulumi.yaml": `name: tiny
main: program/plugged.js
runtime: { name: nodejs, options: { typescript: false } }
plugins: { providers: [{ name: tiny-plugin, path: plugin }] }
`,
    };
    await mkdir(join(root, "plugin"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  });

  it("runs it with its options, and passes on its errors", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up, up.stdout).toMatchObject({ code: 0 });
    expect(JSON.parse((await pulumi("stack", "output", "--json")).stdout)).toEqual({
      id: "made",
      title: "plugged",
    });
    expect(await pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    await pulumi("config", "set", "how", "bad");
    const bad = await pulumi("up", "--yes", "--skip-preview");
    expect(bad.code).not.toBe(0);
    expect(bad.stdout).toContain("the provider says no");
  });

  it("shows the output of a plugin that ended before it started", async () => {
    await writeFile(join(root, "plugin", "index.js"), 'console.error("no such key"); process.exit(4);');
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.code).not.toBe(0);
    expect(up.stdout + up.stderr).toContain("no such key");
  });
});

describe("the language host's answers about itself", () => {
  it("reports to `pulumi about` the Node that runs the program, and its packages", async () => {
    await writeFile(
      join(root, "program", "package.json"),
      '{ "type": "module", "dependencies": { "@pulumi/pulumi": "*" } }',
    );
    const about = JSON.parse((await pulumi("about", "--json")).stdout);
    expect(about).toMatchObject({
      runtime: { language: "nodejs", executable: process.execPath, version: process.version },
      dependencies: [{ name: "@pulumi/pulumi" }],
    });
  });
});
