/** The block of an env file against the state. Pure. */
import { parseEnv } from "node:util";
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { readBlock, settingsOf } from "../../infra/provider/env-file/block.ts";
import type { EnvFileInputs } from "../../infra/provider/env-file/env-file.ts";
import { keysInWords } from "./finding.ts";
import type { Judged } from "./judge-app.ts";
import { differing, isSwitch, switchWords } from "./keys.ts";
import { backOrKeep, repairLine } from "./ways-on.ts";

/** @param text of the file as Latin-1, as it is read elsewhere; absent where there is no such file */
export function judgeEnvFile(
  stack: string,
  { path, settings }: EnvFileInputs,
  text: string | undefined,
): Judged {
  const keys = Object.keys(settings);
  const none = keys.map((name) => ({ name, change: "removed" as const }));
  const again = `Write it again: ${repairLine(stack)}`;
  const only = (code: "GONE" | "OTHER_OWNER", words: string, hint = again): Judged => ({
    findings: [{ code, words, keys: none, hint }],
    notes: [],
  });
  if (text === undefined) return only("GONE", "the file is not there any more");
  const block = readBlock(text);
  if (block === undefined) return only("GONE", "its block of settings is not there any more");
  if (block.owner !== stack)
    return only(
      "OTHER_OWNER",
      `its block of settings is stack ${block.owner}'s by now`,
      `Another file for this stack: ./propiq-cache pulumi config set propiq-cache:envFile .env.${stack} --stack ${stack}, then ${repairLine(stack)}`,
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
        hint: backOrKeep(stack, `have Pulumi.${stack}.yaml say the same`),
      },
    ],
    notes: [],
  };
}
