/** docs/pipelines.md, held to what the workflows really use. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../base/paths.ts";

const page = await readFile(join(PROJECT_ROOT, "docs", "pipelines.md"), "utf8");
const folder = join(PROJECT_ROOT, ".github", "workflows");
const workflows = await Promise.all(
  (await readdir(folder)).map(async (name) => ({ name, text: await readFile(join(folder, name), "utf8") })),
);

interface Job {
  environment?: string;
}

/** What jobs of each environment ask for. */
function asked(kind: "vars" | "secrets"): Record<string, string[]> {
  const names: Record<string, Set<string>> = {};
  for (const { text } of workflows) {
    for (const job of Object.values((parse(text) as { jobs: Record<string, Job> }).jobs)) {
      const environment = job.environment?.replace(/\$\{\{ inputs\.stack \|\| 'prod' \}\}/, "prod") ?? "none";
      const set = names[environment] ?? new Set();
      names[environment] = set;
      for (const [, name = ""] of JSON.stringify(job).matchAll(new RegExp(`\\b${kind}\\.(\\w+)`, "g")))
        set.add(name);
    }
  }
  return Object.fromEntries(Object.entries(names).map(([name, set]) => [name, [...set].toSorted()]));
}

/** The table of environments, by its first column. */
const rows = Object.fromEntries(
  page
    .split("\n")
    .filter((line) => /^\| `prod/.test(line))
    .map((line) => {
      const cells = line
        .split("|")
        .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word));
      return [cells[1]?.[0] ?? "", { runs: cells[3] ?? [], vars: cells[4] ?? [], secrets: cells[5] ?? [] }];
    }),
);

it("lists for each environment the variables and secrets that its jobs ask for, and no others", () => {
  const [vars, secrets] = [asked("vars"), asked("secrets")];
  expect(Object.keys(rows).toSorted()).toEqual(
    Object.keys(vars)
      .filter((name) => name !== "none")
      .toSorted(),
  );
  for (const [name, row] of Object.entries(rows)) {
    expect(row.vars, name).toEqual(vars[name]);
    expect(row.secrets, name).toEqual(secrets[name]);
  }
  expect({ vars: vars["none"], secrets: secrets["none"] }).toEqual({ vars: [], secrets: [] });
});

it("sets each of them by a command", () => {
  const names = Object.values(rows).flatMap(({ vars, secrets }) => [
    ...vars.map((name) => `gh variable set ${name} `),
    ...secrets.map((name) => `gh secret set ${name} `),
  ]);
  for (const command of new Set(names)) expect(page).toContain(command);
});

it("speaks of each workflow, and names the versions of actions that are pinned", () => {
  for (const { name, text } of workflows) {
    expect(page).toContain(`\`${name}\``);
    for (const [, action = "", version = ""] of text.matchAll(/uses: (?:\w+\/)([\w-]+).*# (v[\d.]+)/g))
      expect(page).toMatch(
        new RegExp(`\\b${action === "login" ? "Azure/login" : action} ${version.replaceAll(".", "\\.")}`),
      );
  }
});

it("has no block of commands that a shell would refuse", async () => {
  const blocks = [...page.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, , block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(5);
  for (const block of blocks) await promisify(execFile)("bash", ["-n", "-c", block]);
});

interface AzureStep {
  bash?: string;
  inputs?: { inlineScript?: string };
}

describe.each(["deploy.yml", "rotate.yml", "verify.yml"])(".azure-pipelines/%s", async (name) => {
  const text = await readFile(join(PROJECT_ROOT, ".azure-pipelines", name), "utf8");
  const scripts: string[] = [];
  JSON.stringify(parse(text), (_, value: AzureStep | null) => {
    for (const script of [value?.bash, value?.inputs?.inlineScript]) if (script) scripts.push(script);
    return value;
  });

  it("has scripts that a shell accepts, with files and commands that exist", async () => {
    expect(scripts.length).toBeGreaterThan(3);
    for (const script of scripts) {
      await promisify(execFile)("bash", ["-n", "-c", script]);
      for (const [file = ""] of script.matchAll(/(?:scripts\/ci|\.azure-pipelines)\/[\w-]+\.(?:ts|sh)/g))
        await readFile(join(PROJECT_ROOT, file));
    }
  });

  it("hands secrets to steps through their environment alone", () => {
    for (const script of scripts) expect(script).not.toMatch(/\$\((?:PULUMI|UPSTASH|WEBHOOK)/);
  });

  it("runs the same check as the GitHub workflow", async () => {
    const twin = workflows.find((workflow) => workflow.name === name)?.text ?? "";
    const words = (source: string) =>
      [
        ...source
          .replaceAll("\\\n", " ")
          .matchAll(/\.\/propiq-cache (?!pulumi version).*|node scripts\/ci\/(?:plan|confirm)\.ts/g),
      ].map(([line]) =>
        line
          .replace(/ --report.*| \|\| .*|\).*/, "")
          .replace(/\s+/g, " ")
          .trim(),
      );
    expect(words(text)).toEqual(words(twin));
  });
});
