/** Names a set of settings without revealing it. */
import { createHash, scryptSync } from "node:crypto";
import { type AppSettings, ROWS } from "./table.ts";

/**
 * The same settings have the same fingerprint, and an app that echoes it has read these settings and no others. It is
 * not secret, so the secrets in it pass through scrypt: a short password cannot be guessed from it.
 */
export function fingerprintOf(settings: AppSettings): string {
  const plain = createHash("sha256");
  const secret = createHash("sha256");
  for (const [name, row] of ROWS) {
    if (row.added && settings[name] === undefined) continue;
    (row.secret ? secret : plain).update(`${name}=${settings[name] ?? ""}\0`);
  }
  const salt = plain.digest();
  return scryptSync(secret.digest(), salt, 8, { N: 4096, r: 8, p: 1 }).toString("hex");
}
