/** `GetRequiredPackages`: the plugins that the packages below the program's folder want to be there. */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";

interface PackageJson {
  name?: string;
  version?: string;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

/** Walks like Pulumi's own host: everything below the folder, links followed, each folder once, policy packs left out. */
export async function requiredPackages(programFolder: string): Promise<plugin.PackageDependency[]> {
  const found: plugin.PackageDependency[] = [];
  const seen = new Set<string>();
  const walk = async (folder: string, inNodeModules: boolean): Promise<void> => {
    const real = await realpath(folder).catch(() => folder);
    if (seen.has(real)) return;
    seen.add(real);
    const entries = await readdir(real, { withFileTypes: true }).catch(() => []);
    if (entries.some(({ name }) => /^PulumiPolicy\.(yaml|yml|json)$/.test(name)) && real !== programFolder)
      return;
    for (const entry of entries) {
      const path = join(real, entry.name);
      const isFolder = entry.isSymbolicLink()
        ? (await stat(path).catch(() => undefined))?.isDirectory()
        : entry.isDirectory();
      if (isFolder) await walk(path, inNodeModules || basename(real) === "node_modules");
      else if (inNodeModules && entry.name === "package.json") {
        const dependency = dependencyOf(await readPackage(path));
        if (dependency !== undefined) found.push(dependency);
      }
    }
  };
  await walk(programFolder, false);
  return found;
}

async function readPackage(file: string): Promise<PackageJson> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as PackageJson;
  } catch {
    // Packages' own test data holds broken files.
    return {};
  }
}

/** @returns undefined for a package without a plugin, or one that does not say its name and version */
function dependencyOf({
  name = "",
  version = "",
  pulumi,
}: PackageJson): plugin.PackageDependency | undefined {
  if (pulumi?.resource !== true) return undefined;
  const pluginName = pulumi.name ?? (name.startsWith("@pulumi/") ? name.slice("@pulumi/".length) : "");
  const pluginVersion = pulumi.version ?? version;
  if (pluginName === "" || pluginVersion === "") return undefined;
  return new plugin.PackageDependency()
    .setName(pluginName)
    .setKind("resource")
    .setVersion(pluginVersion.startsWith("v") ? pluginVersion : `v${pluginVersion}`)
    .setServer(pulumi.server ?? "");
}
