/** A copy of this project in the rehearsal's folder: its own state, its own config, the same code. */
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { PROJECT_ROOT } from "../../base/paths.ts";

/** What the commands need, and what a reader of the documentation opens. Nothing else of the folder is the project's. */
const COPIED = [
  ...[
    "base",
    "check",
    "docs",
    "examples",
    "infra",
    "operations",
    "rehearsal",
    "scripts",
    "stacks",
    "toolchain",
  ],
  ...["package.json", "package-lock.json", "tsconfig.json", "propiq-cache", "propiq-cache.cmd", "README.md"],
  ...["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.native.yaml", ".env.redis.example"],
];

export interface ProjectCopy {
  root: string;
  /** The program behind `./propiq-cache`. */
  launcher: string;
  readStack(): Promise<string>;
  writeStack(text: string): Promise<void>;
}

/** @param folder for the copy */
export async function copyProject(folder: string, stack: string): Promise<ProjectCopy> {
  const root = join(folder, "propiq-cache");
  await mkdir(join(root, ".propiq"), { recursive: true });
  await Promise.all(
    COPIED.map(async (name) => {
      await cp(join(PROJECT_ROOT, name), join(root, name), {
        recursive: true,
        filter: (path) => !path.endsWith("node_modules"),
      }).catch((error: unknown) => {
        // A team may have removed a stack of this machine, or the documentation.
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      });
    }),
  );
  await symlink(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"));
  await keepStateHere(join(root, "Pulumi.yaml"));
  const file = join(root, `Pulumi.${stack}.yaml`);
  return {
    root,
    launcher: join(root, "scripts", "propiq-cache.mjs"),
    readStack: () => readFile(file, "utf8"),
    writeStack: (text) => writeFile(file, text),
  };
}

/** A team keeps its state elsewhere; a rehearsal keeps its own, and forgets it. */
async function keepStateHere(file: string): Promise<void> {
  const document = parseDocument(await readFile(file, "utf8"));
  document.setIn(["backend", "url"], "file://./.propiq?metadata=skip");
  await writeFile(file, document.toString({ lineWidth: 0 }));
}
