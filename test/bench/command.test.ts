import { expect, it } from "vitest";
import { type Command, endCommands, timed } from "./command.ts";
import { CannotMeasure } from "./row.ts";

const node = (script: string): Command => ({
  words: [process.execPath, "-e", script],
  cwd: "/",
  env: { GREETING: "hello" },
});

it("measures the time until a program's exit, and reports who it is", async () => {
  const pids: number[] = [];
  const ms = await timed(node("setTimeout(() => {}, 100)"))((pid) => pids.push(pid));
  expect(ms).toBeGreaterThanOrEqual(100);
  expect(pids).toHaveLength(1);
});

it("gives the program exactly the given environment", async () => {
  const script = 'process.exit(process.env.GREETING === "hello" && !("HOME" in process.env) ? 0 : 1)';
  await timed(node(script))(() => {});
});

it("reports what a failed program printed", async () => {
  const failing = timed(node('console.error("no such stack"); process.exit(6)'));
  await expect(failing(() => {})).rejects.toThrow(/ended with 6:\nno such stack/);
});

it("takes the time of a program that is to end with another exit code, and of no other", async () => {
  expect(await timed(node("process.exit(2)"), 2)(() => {})).toBeGreaterThan(0);
  await expect(timed(node(""), 2)(() => {})).rejects.toThrow(/ended with 0/);
});

it("reports a program that does not exist", async () => {
  const missing = timed({ words: ["/nowhere/pulumi"], cwd: "/", env: {} });
  await expect(missing(() => {})).rejects.toThrow(CannotMeasure);
});

it("can end what runs, for an interruption", async () => {
  const endless = timed(node("setInterval(() => {}, 1000)"));
  await expect(endless(() => endCommands())).rejects.toThrow(/ended with a signal/);
});
