/** The generated example of the settings. */
import { FINGERPRINT_KEY, ROWS } from "./table.ts";

/** The text of `.env.redis.example`: every setting with its meaning, for people who copy it. */
export function exampleEnv(): string {
  const lines = ROWS.flatMap(([name, row]) => [
    ...(row.describe === "" ? [] : [`# ${row.describe}`]),
    `${row.example === "" ? "# " : ""}${name}=${row.example}`,
  ]);
  return [
    "# The settings that an app gets for its cache. `./propiq-cache dev` writes them to .env.",
    "# Generated from infra/contract/table.ts: npm run format",
    ...lines,
    "# identifies these settings; the app's health document repeats it",
    `# ${FINGERPRINT_KEY}=`,
    "",
  ].join("\n");
}
