import { expect, it } from "vitest";
import { type Command, endCommands, timed } from "./command.ts";
import { CannotMeasure } from "./row.ts";

const node = (script: string): Command => ({
  words: [process.execPath, "-e", script],
  cwd: "/",
  env: { GREETING: "hello" },
});

it("measures the time until a program exits, and reports its process id", async () => {
  const pids: number[] = [];
  const ms = await timed(node("setTimeout(() => {}, 100)"))((pid) => pids.push(pid));
  expect(ms).toBeGreaterThanOrEqual(100);
  expect(pids).toHaveLength(1);
});

it("gives the program the given environment and nothing else", async () => {
  const script = 'process.exit(process.env.GREETING === "hello" && !("HOME" in process.env) ? 0 : 1)';
  await timed(node(script))(() => {});
});

it("reports the output of a program that failed", async () => {
  const failing = timed(node('console.error("no such stack"); process.exit(6)'));
  await expect(failing(() => {})).rejects.toThrow(/ended with 6:\nno such stack/);
});

it("measures a program with the expected exit code, and rejects any other exit code", async () => {
  expect(await timed(node("process.exit(2)"), 2)(() => {})).toBeGreaterThan(0);
  await expect(timed(node(""), 2)(() => {})).rejects.toThrow(/ended with 0/);
});

it("reports a program that does not exist", async () => {
  const missing = timed({ words: ["/nowhere/pulumi"], cwd: "/", env: {} });
  await expect(missing(() => {})).rejects.toThrow(CannotMeasure);
});

it("can end the running program on an interruption", async () => {
  const endless = timed(node("setInterval(() => {}, 1000)"));
  await expect(endless(() => endCommands())).rejects.toThrow(/ended with a signal/);
});
