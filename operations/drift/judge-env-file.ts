/** The block of an env file against the state. Pure. */

import { parseEnv } from "node:util";
import { advice } from "../../base/advice.ts";
import { setConfig } from "../../base/command.ts";
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { readBlock, settingsOf } from "../../infra/provider/env-file/block.ts";
import type { EnvFileInputs } from "../../infra/provider/env-file/env-file.ts";
import { repairStack } from "../stacks/conflict.ts";
import { keysInWords } from "./finding.ts";
import type { Judged } from "./judge-app.ts";
import { differing, isSwitch, switchWords } from "./keys.ts";
import { backOrKeep } from "./next-steps.ts";

/** @param text of the file as Latin-1, as it is read elsewhere; absent where there is no such file */
export function judgeEnvFile(
  stack: string,
  { path, settings }: EnvFileInputs,
  text: string | undefined,
): Judged {
  const keys = Object.keys(settings);
  const none = keys.map((name) => ({ name, change: "removed" as const }));
  const again = advice("Write it again.", repairStack(stack));
  const only = (code: "GONE" | "OTHER_OWNER", words: string, next = again): Judged => ({
    findings: [{ code, words, keys: none, advice: next }],
    notes: [],
  });
  if (text === undefined) return only("GONE", "the file does not exist any more");
  const block = readBlock(text);
  if (block === undefined) return only("GONE", "its block of settings was removed");
  if (block.owner !== stack)
    return only(
      "OTHER_OWNER",
      `its block of settings belongs to stack ${block.owner} now`,
      advice(
        "Choose another file for this stack, and repair.",
        setConfig(stack, "propiq-cache:envFile", `.env.${stack}`),
        repairStack(stack),
      ),
    );
  // As an app reads them: a line behind the block may say otherwise.
  const effective = settingsOf(parseEnv(Buffer.from(text, "latin1").toString("utf8")));
  const names = [...new Set([...keys, ...Object.keys(block.entries)])];
  const differ = differing(names, settings, effective);
  if (differ.length === 0) return { findings: [], notes: [] };
  if (isSwitch(differ) && effective[FINGERPRINT_KEY] === fingerprintOf(effective))
    return { findings: [], notes: [switchWords(effective["REDIS_ENABLED"])] };
  return {
    findings: [
      {
        code: "SETTINGS_CHANGED",
        words: `${path} says otherwise: ${keysInWords(differ)}`,
        keys: differ,
        advice: backOrKeep(stack, `write the same into Pulumi.${stack}.yaml`),
      },
    ],
    notes: [],
  };
}
