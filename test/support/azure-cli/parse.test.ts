import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { COMMANDS, parseAz } from "./parse.ts";

describe("words of az", () => {
  it("are understood as the real one does", () => {
    const call = parseAz(["resource", "list", "--tag", "a=b", "-o", "tsv", "--query=[].id"]);
    expect(call.command).toBe("resource list");
    expect([call.value("--tag"), call.value("--output"), call.value("--query")]).toEqual([
      "a=b",
      "tsv",
      "[].id",
    ]);
  });

  it.each([
    ["webapp frobnicate", "'webapp frobnicate' is misspelled or not recognized by the system."],
    ["webapp restart --name a --group b", "unrecognized arguments: --group"],
    ["webapp restart --name a", "the following arguments are required: --resource-group/-g"],
    ["webapp restart --name a b --resource-group c", "unrecognized arguments: b"],
    ["webapp restart --name --resource-group c", "argument --name: expected one argument"],
    ["redis list -o xml", "'xml' is not a valid value for '--output'."],
  ])("that it does not accept are refused: %s", (words, message) => {
    expect(() => parseAz(words.split(" "))).toThrow(message);
  });

  it("need no name where an id is given", () => {
    expect(parseAz(["webapp", "restart", "--ids", "/x"]).has("--ids")).toBe(true);
  });
});

/** Lines of our own code with a command for the reader in them. */
const printed = ["base", "check", "infra", "operations", "scripts", "toolchain"].flatMap((folder) =>
  readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) =>
      readFileSync(join(PROJECT_ROOT, folder, name), "utf8")
        .split(/\n|\\n/)
        // Advice holds commands as lists of words; some lines hold them as they are typed.
        .map((line) => line.replaceAll('", "', " "))
        .flatMap((line) => [...line.matchAll(/\baz ((?:[a-z][a-z-]* ?)+?)(?= -)(.*)/g)])
        .map(([, command = "", rest = ""]) => ({ name: join(folder, name), command, rest })),
    ),
);

describe("the az commands in our messages", () => {
  it.each(printed)("contain az $command, in $name, with valid options", ({ command, rest }) => {
    const known = COMMANDS[command];
    expect(known, `az ${command}: add it to commands.txt (README.md)`).toBeDefined();
    const names = Object.entries(known ?? {}).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
    // Up to the end of the command, as far as a line of code shows it.
    const [own = ""] = rest.split(/[`)]|", |" :| must say|\$\(az /);
    const options = [...own.matchAll(/(?<= )--[a-z][\w-]*/g)].map(([option]) => option);
    for (const option of options.filter((each) => !["--output", "--query", "--subscription"].includes(each)))
      expect(names).toContain(option);
  });

  it("are found", () => {
    expect(printed.length).toBeGreaterThan(15);
  });
});
