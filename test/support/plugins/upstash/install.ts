/** Puts the stand-in where Pulumi's engine looks for the Upstash provider's plugin. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SDK_VERSION } from "./sdk-types.ts";

/** @param pulumiHome the PULUMI_HOME of the test, which no other project may share */
export async function installUpstashStandIn(pulumiHome: string): Promise<void> {
  // A folder that is a link is passed over, so it is a real one with a script that leads here.
  const folder = join(pulumiHome, "plugins", `resource-upstash-v${SDK_VERSION}`);
  const executable = join(import.meta.dirname, "pulumi-resource-upstash");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "pulumi-resource-upstash"), `#!/bin/sh\nexec '${executable}' "$@"\n`, {
    mode: 0o755,
  });
}
