/** What `pulumi about` and `pulumi install` ask about a program's npm packages. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ServerWritableStream } from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import { endOf, start } from "./processes.ts";

interface PackageJson {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** The packages that the program's package.json names, with the version that is installed. */
export async function programDependencies(programFolder: string): Promise<language.DependencyInfo[]> {
  const root = packageRoot(programFolder);
  const { dependencies, devDependencies } = await readPackage(join(root, "package.json"));
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return await Promise.all(
    names.map(async (name) => {
      const { version } = await readPackage(join(root, "node_modules", name, "package.json"));
      return new language.DependencyInfo().setName(name).setVersion(version ?? "not installed");
    }),
  );
}

/**
 * Runs `npm install` where the program's package.json lies, its output going into the call.
 * @throws Error when npm fails
 */
export async function installDependencies(
  call: ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
): Promise<void> {
  const folder = packageRoot(call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory());
  const npm = start("npm", ["install", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  npm.stdout?.on("data", (chunk: Buffer) =>
    call.write(new language.InstallDependenciesResponse().setStdout(chunk)),
  );
  npm.stderr?.on("data", (chunk: Buffer) =>
    call.write(new language.InstallDependenciesResponse().setStderr(chunk)),
  );
  const end = await endOf(npm);
  if (end instanceof Error) throw new Error(`npm could not be started: ${end.message}`);
  if (end.code !== 0) throw new Error(`npm install failed with exit code ${end.code}${end.detail}`);
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? folder : packageRoot(parent);
}

async function readPackage(file: string): Promise<PackageJson> {
  return JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as PackageJson;
}
