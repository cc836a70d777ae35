/** The Python example app as a process of its own, as a host runs it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../../rehearsal/ports.ts";
import { until } from "../app/kit.ts";
import { type RunningApp, runningApp } from "../app/running.ts";
import { KIT, pythonForTests } from "./python.ts";

const STARTS_WITHIN_MS = 60_000;

/** @param settings all that it finds in its environment */
export async function startPythonApp(settings: Readonly<Record<string, string>>): Promise<RunningApp> {
  const [python, port] = [await pythonForTests(), await freePort()];
  const listen = ["--host", "127.0.0.1", "--port", String(port), "--log-level", "warning"];
  const app = spawn(python, ["-m", "uvicorn", "--app-dir", join(KIT, "app"), "main:app", ...listen], {
    env: { PATH: process.env["PATH"], PYTHONPATH: KIT, PYTHONDONTWRITEBYTECODE: "1", ...settings },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const running = runningApp(app, `http://127.0.0.1:${port}`);
  const answers = () =>
    running.health().then(
      () => true,
      () => {
        if (app.exitCode !== null) throw new Error(`the app ended with ${app.exitCode}`);
        return false;
      },
    );
  await until("the app answers", answers, STARTS_WITHIN_MS);
  return running;
}
