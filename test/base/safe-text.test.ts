import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explain, PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { foreignText, safeLines, screenOutput } from "../../base/safe-text.ts";

/** What the agents of GitHub and Azure obey, in the middle of a line too. */
const OBEYED = /##\w*\[|(?<!urn:pulumi:\S*)::[a-z][\w-]*( [^\n]*)?::/i;
const ATTACKS = [
  "ERR ##vso[task.setvariable variable=ARM_METADATA_HOSTNAME]evil",
  "ERR ##[command]curl evil",
  "::set-env name=PATH::evil",
  ":\u034f:add-mask::x",
  "::add-mask:\u034f:x",
  "reply::add-mask::x",
  "\r\n::error::x",
  "##\u00advso[task.complete result=Succeeded]",
  "##\u034fvso[task.complete result=Succeeded]",
  "#\u200b#vso[task.setvariable variable=a]b",
  "\u001b[2K::stop-commands::x",
  "\u0085::warning file=a::x",
  `${"x".repeat(196)}##vso[a]`,
];

describe.each(ATTACKS)("of %j", (attack) => {
  it("no pipeline command remains in a foreign text, a message or an error", () => {
    const texts = [
      foreignText(attack, (same) => same),
      safeLines(`progress: ${attack}\n${attack}`),
      new PropiqError(`failed: ${attack}`, { code: "USAGE", next: { say: attack } }).message,
      explain(new PropiqError("failed", { code: "USAGE", next: { say: attack } })),
      explain(new Error(attack)),
      explain(attack),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(OBEYED);
      expect(text.replaceAll(/\p{M}|\p{Default_Ignorable_Code_Point}/gu, "")).not.toMatch(OBEYED);
      expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
    }
  });
});

it("a message keeps its lines, the URNs of Pulumi, headings and addresses", () => {
  const message = "## Redis\nurn:pulumi:prod::app::propiq:index:EnvFile::env\nhttp://[::1]:6379, a::b";
  expect(safeLines(message)).toBe(message);
});

it("a hostile text of 20 MB is cut in linear time", () => {
  const text = safeLines(`${":".repeat(10_000_000)}${"#".repeat(10_000_000)}`);
  expect(text.length).toBeLessThanOrEqual(20_000);
});

describe("the output of another program", () => {
  const screened = (...chunks: string[]) => {
    const written: string[] = [];
    const screen = screenOutput((text) => written.push(text));
    for (const chunk of chunks) screen.add(chunk);
    const early = written.join("");
    screen.end();
    return { early, all: written.join("") };
  };

  it.each(ATTACKS)("holds no pipeline command, wherever it is cut: %j", (attack) => {
    const said = `error: ${attack}\n`;
    for (let at = 0; at <= said.length; at++) {
      const { all } = screened(said.slice(0, at), said.slice(at));
      expect(all).not.toMatch(OBEYED);
    }
  });

  it("keeps its lines and colours, and passes the dots of progress on at once", () => {
    const said = "\u001b[32m+ done\u001b[0m urn:pulumi:a::b::c::d\n@ updating..";
    expect(screened(said)).toEqual({ early: said, all: said });
  });

  it("is screened in linear time, however long its line is", () => {
    const line = "::a ".repeat(250_000);
    const { all } = screened(line, line);
    expect(all).not.toMatch(/^::a/m);
  });
});

it("commands and the provider print through the modules that make text safe, and nowhere else", async () => {
  const allowed = new Set([
    "infra/log.ts",
    // The port, by which an engine finds its plugin.
    "infra/provider/main.ts",
    // Run before anything of ours can be loaded.
    "infra/program-preload.cjs",
    "scripts/print.ts",
    "scripts/propiq-cache.mjs",
    "scripts/generate.ts",
    "scripts/standard-output.ts",
  ]);
  for (const folder of ["base", "check", "infra", "operations", "scripts", "stacks"]) {
    const names = await readdir(join(PROJECT_ROOT, folder), { recursive: true });
    for (const name of names.filter((each) => /\.[cm]?[jt]s$/.test(each))) {
      const path = `${folder}/${name.replaceAll("\\", "/")}`;
      if (allowed.has(path)) continue;
      const text = await readFile(join(PROJECT_ROOT, path), "utf8");
      expect(text, path).not.toMatch(/console\.\w+\(|@pulumi\/pulumi\/log|process\.stdout\.write\(/);
    }
  }
});
