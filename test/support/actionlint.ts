/** actionlint, from its Go module, kept in `.propiq/`: says what is wrong in workflows. */
import { execFile } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { programs } from "../../toolchain/on-path.ts";

const run = promisify(execFile);

const MODULE = "github.com/rhysd/actionlint/cmd/actionlint";
const VERSION = "v1.7.12";
const FOLDER = join(PROJECT_ROOT, ".propiq", "tools", `actionlint-${VERSION}`);

/** Gets it where it does not exist yet. @returns its path, or nothing where this machine cannot get it */
export async function ensureActionlint(): Promise<string | undefined> {
  const bin = join(FOLDER, process.platform === "win32" ? "actionlint.exe" : "actionlint");
  if (await stat(bin).catch(() => undefined)) return bin;
  const [go] = programs("go", process.env);
  if (go === undefined) return undefined;
  await mkdir(FOLDER, { recursive: true });
  const env = { ...process.env, GOBIN: FOLDER, GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" };
  const built = await run(go, ["install", `${MODULE}@${VERSION}`], { cwd: FOLDER, env }).catch(
    (error: unknown) => console.warn(`actionlint cannot be built: ${String(error)}`),
  );
  return built === undefined ? undefined : bin;
}
