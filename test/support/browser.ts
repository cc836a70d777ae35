/** A real browser for tests: Chromium without a window, driven by its DevTools protocol. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { installWithoutServices } from "./apt.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export interface View {
  widthPx: number;
  heightPx: number;
  scheme: "light" | "dark";
}

export interface Browser {
  /** Shows a page; resolves when it is loaded. */
  show(url: string, view: View): Promise<void>;
  /** Runs a script in the page that it shows. @returns what it returns, or resolves to, as JSON */
  evaluate(script: string): Promise<unknown>;
  /** The whole page as PNG. */
  screenshot(): Promise<Buffer>;
  stop(): Promise<void>;
}

/** Where Chromium is, if it is there. */
export function chromium(): string | undefined {
  return NAMES.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

/** Installs Chromium, where this is CI; elsewhere does nothing. Called once, before all tests. */
export async function ensureBrowserInstalled(): Promise<void> {
  if (process.env["CI"] === "true" && chromium() === undefined) await installWithoutServices(["chromium"]);
}

export async function startBrowser(bin: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), "propiq-browser-"));
  const words = [
    "--headless=new",
    "--disable-gpu",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
  ];
  // Chromium refuses its sandbox to root, which is who a pipeline often is; it shows only pages of ours.
  const child = spawn(bin, [...words, "--no-sandbox", "--no-first-run", "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const devtools = await connect(await addressIn(child.stderr));
  const { targetInfos } = await devtools.call("Target.getTargets", {});
  const page = (targetInfos as { targetId: string; type: string }[]).find(({ type }) => type === "page");
  const { sessionId } = await devtools.call("Target.attachToTarget", {
    targetId: page?.targetId,
    flatten: true,
  });
  const call = (method: string, params: object = {}) => devtools.call(method, params, String(sessionId));
  await call("Page.enable");
  // The page allows no script at all; those of the tests are let in.
  await call("Page.setBypassCSP", { enabled: true });
  return {
    async show(url, { widthPx, heightPx, scheme }) {
      const metrics = { width: widthPx, height: heightPx, deviceScaleFactor: 1, mobile: widthPx < 600 };
      await call("Emulation.setDeviceMetricsOverride", metrics);
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await call("Emulation.setEmulatedMedia", { features });
      const loaded = devtools.event("Page.loadEventFired");
      await call("Page.navigate", { url });
      await loaded;
    },
    async evaluate(expression) {
      const answer = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      if (answer["exceptionDetails"] !== undefined)
        throw new Error(JSON.stringify(answer["exceptionDetails"]));
      return (answer["result"] as { value?: unknown }).value;
    },
    async screenshot() {
      const { data } = await call("Page.captureScreenshot", { captureBeyondViewport: true });
      return Buffer.from(String(data), "base64");
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Chromium says on standard error where it listens. */
async function addressIn(stderr: NodeJS.ReadableStream): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    said.push(line);
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) {
      stderr.resume();
      return address;
    }
  }
  throw new Error(`Chromium ended:\n${said.join("\n")}`);
}

type Answer = Record<string, unknown>;

async function connect(address: string) {
  const socket = new WebSocket(address);
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  const events = new Map<string, () => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Answer;
    const call = waiting.get(Number(message["id"]));
    if (call === undefined) events.get(String(message["method"]))?.();
    else if (message["error"] === undefined) call.resolve(message["result"] as Answer);
    else call.reject(new Error(JSON.stringify(message["error"])));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  let id = 0;
  return {
    call(method: string, params: object, sessionId?: string): Promise<Answer> {
      const answer = Promise.withResolvers<Answer>();
      waiting.set(++id, answer);
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
      return answer.promise;
    },
    event: (method: string) => new Promise<void>((resolve) => events.set(method, resolve)),
  };
}
