/** Installs Debian packages without letting the services in them start. */
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian's maintainer scripts ask this program whether a service may start; 101 says no (invoke-rc.d(8)). */
const POLICY = "/usr/sbin/policy-rc.d";

/** @throws where apt cannot install them, with what it said */
export async function installWithoutServices(packages: readonly string[]): Promise<void> {
  // Where there is one already (in containers, as a rule), it is left to decide.
  const ours = await writeFile(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" }).then(
    () => true,
    () => false,
  );
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["update", "-qq"], { env });
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
  } finally {
    if (ours) await rm(POLICY);
  }
}
