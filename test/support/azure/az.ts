/** An `az` that somebody has signed in with, for tools that ask it for tokens. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Azure } from "./emulator.ts";

/** What the `az` of a machine knows of whom it signed in. */
export interface SignedInUser {
  origin: string;
  tenant: string;
  subscription: string;
  id: string;
  secret: string;
}

/** @returns the folder to put on PATH */
export async function layAz(folder: string, azure: Azure): Promise<string> {
  const { ARM_CLIENT_ID: id = "", ARM_CLIENT_SECRET: secret = "" } = azure.env;
  const user: SignedInUser = {
    ...{ origin: azure.origin, tenant: azure.tenantId, subscription: azure.subscriptionId },
    ...{ id, secret },
  };
  const main = join(import.meta.dirname, "az-main.ts");
  const script = `#!/bin/sh\nSIGNED_IN='${JSON.stringify(user)}' exec '${process.execPath}' '${main}' "$@"\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "az"), script, { mode: 0o755 });
  return folder;
}
