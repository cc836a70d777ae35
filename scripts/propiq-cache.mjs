#!/usr/bin/env -S node --
// Starts the command line under the project's own Node 24, whatever Node (18 or newer) the machine has.
// The "--" above: without it Node takes our own --env-file for one of its options, wherever it stands.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
// Node runs TypeScript as it is from 22.18 and 23.6 on.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsTypeScript = major >= 24 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6);

if (runsTypeScript) {
  createRequire(import.meta.url)("../infra/compile-cache.cjs");
  await import("./cli.ts");
} else {
  const bin = join(
    here,
    "..",
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (!existsSync(bin)) {
    console.error(
      `propiq-cache needs Node 24, and this is ${process.versions.node}. The project brings its own: npm ci`,
    );
    process.exit(2);
  }
  // The channel closes when this process ends, in whatever way. Nothing is sent on it.
  const child = spawn(bin, ["--", join(here, "propiq-cache.mjs"), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: `${join(here, "..", "node_modules", ".bin")}:${process.env.PATH ?? ""}` },
  });
  // A terminal's Ctrl-C reaches the child by itself; a signal to this process alone must be handed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (!process.stdin.isTTY || signal !== "SIGINT") child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`propiq-cache could not start ${bin}: ${error.message}`);
    process.exit(2);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 2)));
}
