/** Names a set of settings without revealing it. */
import { createHash, scryptSync } from "node:crypto";
import { type AppSettings, ROWS } from "./table.ts";

/**
 * The same settings have the same fingerprint, and an app that echoes it has read these settings and no others. It is
 * not secret, so the secrets in it pass through scrypt. That slows guessing down, and does not stop it: a word of a
 * dictionary is found in seconds (docs/security.md).
 */
export function fingerprintOf(settings: AppSettings): string {
  const plain = createHash("sha256");
  const secret = createHash("sha256");
  for (const [name, row] of ROWS) {
    if (row.added && settings[name] === undefined) continue;
    (row.secret ? secret : plain).update(`${name}=${hashedForm(name, settings[name] ?? "")}\0`);
  }
  const salt = plain.digest();
  return scryptSync(secret.digest(), salt, 8, { N: 4096, r: 8, p: 1 }).toString("hex");
}

/** URLs that were written before these characters were percent-encoded keep their fingerprint: apps and states hold it. */
function hashedForm(name: string, value: string): string {
  return name === "REDIS_URL"
    ? value.replace(/%(21|27|28|29|2A|7E)/g, (code) => decodeURIComponent(code))
    : value;
}
