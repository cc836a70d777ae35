import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ChildOptions, runChild } from "../../toolchain/child.ts";
import { lacks } from "../support/parts.ts";

const RUN_CHILD = join(import.meta.dirname, "run-child.ts");

function sh(script: string, options: Partial<ChildOptions> = {}) {
  return runChild("sh", ["-c", script], { stdio: "capture", ...options });
}

describe("a child that ends by itself", () => {
  it("returns its exit code and what it printed", async () => {
    const end = await sh("echo out; echo err >&2; exit 3");
    expect(end).toEqual({ code: 3, signal: null, stdout: "out\n", stderr: "err\n" });
  });

  it("hands on each line with its stream, also a last one without an end", async () => {
    const lines: string[] = [];
    await sh("echo one; echo two >&2; printf three", {
      onLine: (line, from) => lines.push(`${from} ${line}`),
    });
    expect(lines.toSorted()).toEqual(["stderr two", "stdout one", "stdout three"]);
  });

  it("gets the environment that it is given and nothing else", async () => {
    const end = await runChild("/usr/bin/env", [], { stdio: "capture", env: { ONLY: "this" } });
    expect(end.stdout).toBe("ONLY=this\n");
  });

  it("reads its input", async () => {
    const end = await sh("cat", { input: "a secret" });
    expect(end.stdout).toBe("a secret");
  });

  it("is read on standard error, which it keeps", async () => {
    const command = `${process.execPath} ${RUN_CHILD} overhear sh -c 'echo out; echo err >&2; exit 3'`;
    const { stdout, stderr } = await sh(command);
    expect(stderr).toBe("err\n");
    expect(stdout).toBe('out\nheard "err\\n"\nend {"code":3,"signal":null}\n');
  });

  it("is screened: no pipeline obeys what it prints, on either stream, nor in two pieces", async () => {
    const script = "printf 'a ##vs'; sleep 0.1; echo 'o[task.complete]b'; echo ' ::error::c' >&2";
    const { stdout, stderr } = await sh(`${process.execPath} ${RUN_CHILD} screen sh -c "${script}"`);
    expect(stdout).toContain("a # #vso[task.complete]b\n");
    expect(stderr).toBe(" : :error::c\n");
  });

  it("does not end a process that it left behind on purpose", async () => {
    const { stdout } = await sh("sleep 300 >/dev/null 2>&1 & echo $!");
    const pid = Number(stdout);
    onTestFinished(() => void process.kill(pid, "SIGKILL"));
    expect(alive(pid)).toBe(true);
  });

  it("rejects with the system's error when the program does not exist", async () => {
    await expect(runChild("/no/such/program", [], { stdio: "capture" })).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("a child that is ended before its time", () => {
  it("is killed with all of its processes when it takes too long", async () => {
    const end = await sh(FAMILY, { timeoutMs: 300 });
    expect(end).toMatchObject({ signal: "SIGKILL", cut: "timeout" });
    await allGone(pidsIn(end.stdout));
  });

  it("is killed with all of its processes by an abort", async () => {
    const abort = new AbortController();
    const lines: string[] = [];
    const end = await sh(FAMILY, {
      signal: abort.signal,
      onLine: (line) => lines.push(line) === 3 && abort.abort(),
    });
    expect(end).toMatchObject({ signal: "SIGKILL", cut: "abort" });
    await allGone(pidsIn(lines.join("\n")));
  });

  it("does not start once aborted", async () => {
    await expect(sh("true", { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });
});

describe.skipIf(process.platform === "win32")("a process of ours that runs a child", () => {
  it("leaves neither child nor grandchild behind when it is ended by SIGKILL", async () => {
    const parent = startParent("sh", "-c", FAMILY);
    await vi.waitFor(() => expect(pidsIn(parent.said())).toHaveLength(3), 10_000);
    parent.process.kill("SIGKILL");
    await allGone(pidsIn(parent.said()));
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "passes a %s that only it got on, once",
    async (signal) => {
      const name = signal.slice(3);
      const parent = startParent("sh", "-c", `trap 'echo got ${name}' ${name}; echo up; ${READ_LINES}`);
      await vi.waitFor(() => expect(parent.said()).toContain("up\n"), 10_000);
      // As npm does to a script after the terminal has done it.
      parent.process.kill(signal);
      parent.process.kill(signal);
      await vi.waitFor(() => expect(parent.said()).toContain("end "), 10_000);
      expect(parent.said().match(new RegExp(`got ${name}`, "g"))).toHaveLength(1);
      expect(parent.said()).toContain(`end {"code":7,"signal":null,"cut":"${signal}"}`);
    },
  );

  it.skipIf(lacks("script", existsSync("/usr/bin/script")))("lets the child read the terminal", async () => {
    const inner = `${process.execPath} ${RUN_CHILD} inherit sh -c 'test -t 0 && echo ready && read -r line && echo got $line'`;
    const terminal = start("script", ["-qec", inner, "/dev/null"]);
    await vi.waitFor(() => expect(terminal.said()).toContain("ready"), 10_000);
    terminal.process.stdin?.write("yes\n");
    await vi.waitFor(() => expect(terminal.said()).toContain("got yes"), 10_000);
  });

  it.skipIf(lacks("script", existsSync("/usr/bin/script")))(
    "passes a terminal's Ctrl-C on, once",
    async () => {
      const inner = `${process.execPath} ${RUN_CHILD} inherit sh -c "trap 'echo got INT' INT; echo ready; ${READ_LINES}"`;
      const terminal = start("script", ["-qec", inner, "/dev/null"]);
      await vi.waitFor(() => expect(terminal.said()).toContain("ready"), 10_000);
      terminal.process.stdin?.write("\u0003");
      await vi.waitFor(() => expect(terminal.said()).toContain("end "), 10_000);
      expect(terminal.said().match(/got INT/g)).toHaveLength(1);
      expect(terminal.said()).toContain(`"cut":"SIGINT"`);
    },
  );
});

/** Prints three pids: its own, that of a child, and that of a child which leads a session of its own. */
const FAMILY = `echo $$; sleep 300 & echo $!; ${
  process.platform === "linux" ? "setsid sleep 300 & echo $!" : "sleep 300 & echo $!"
}; wait`;

/** Goes on after a signal for long enough to see a second one, then ends with 7. */
const READ_LINES = "sleep 0.5; sleep 0.5; exit 7";

function pidsIn(text: string): number[] {
  return text
    .split("\n")
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Dead, but not yet fetched by its new parent.
    return !(process.platform === "linux" && / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
  } catch {
    return false;
  }
}

async function allGone(pids: number[]): Promise<void> {
  expect(pids).toHaveLength(3);
  await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]), { timeout: 60_000, interval: 20 });
}

function startParent(...command: string[]) {
  return start(process.execPath, [RUN_CHILD, "capture", ...command]);
}

function start(command: string, args: string[]): { process: ChildProcess; said: () => string } {
  const started = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void started.kill("SIGKILL"));
  let text = "";
  started.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { process: started, said: () => text };
}
