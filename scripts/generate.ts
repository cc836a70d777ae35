/** Writes the files that follow from the code; with `--check` only says which are not up to date. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../base/paths.ts";
import { exampleEnv } from "../infra/contract/example-env.ts";
import { alertsPage } from "./docs/alerts.ts";
import { costsPage } from "./docs/costs.ts";
import { errorsPage } from "./docs/errors.ts";
import { drillSchema, rehearseSchema, verifySchema } from "./docs/json-schema.ts";
import { plansPage } from "./docs/plans.ts";
import { troubleshootingPage } from "./docs/troubleshooting.ts";

const GENERATED: Readonly<Record<string, () => string>> = {
  ".env.redis.example": exampleEnv,
  "docs/rehearse.schema.json": rehearseSchema,
  "docs/report.schema.json": verifySchema,
  "docs/drill.schema.json": drillSchema,
  "docs/alerts.md": alertsPage,
  "docs/costs.md": costsPage,
  "docs/errors.md": errorsPage,
  "docs/plans.md": plansPage,
  "docs/troubleshooting.md": troubleshootingPage,
};

const checkOnly = process.argv.includes("--check");
for (const [name, make] of Object.entries(GENERATED)) {
  const file = join(PROJECT_ROOT, name);
  const text = make();
  if ((await readFile(file, "utf8").catch(() => "")) === text) continue;
  if (checkOnly) {
    console.error(`${name} is not up to date: npm run format`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`wrote ${name}`);
  }
}
