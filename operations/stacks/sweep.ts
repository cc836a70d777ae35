/**
 * What a killed run may have made without Pulumi hearing of it: a server, a container, a block in an env file. Each is
 * known by the stack's own mark; nothing else is touched.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fromRoot } from "../../base/paths.ts";
import { findDockerEngine, inspectContainer, removeContainer } from "../../infra/caches/docker/engine.ts";
import { isOwnContainer } from "../../infra/caches/docker/labels.ts";
import { nativeFolders } from "../../infra/caches/native/folders.ts";
import { takeBlock } from "../../infra/provider/env-file/env-file.ts";
import { stopServer } from "../../infra/provider/local-redis/process.ts";
import { ENV_FILE, type LocalStack } from "./local-config.ts";

export async function sweep(stack: LocalStack, config: Readonly<Record<string, unknown>>): Promise<void> {
  await takeBlock(fromRoot(String(config[ENV_FILE] ?? ".env")), stack);
  const folders = fromRoot(nativeFolders(stack));
  for (const name of await readdir(folders).catch(() => [])) await stopServer(join(folders, name));
  await rm(folders, { recursive: true, force: true });
  await sweepContainer(stack, String(config["propiq-cache:name"] ?? "propiq-redis"));
}

async function sweepContainer(stack: LocalStack, name: string): Promise<void> {
  const engine = await findDockerEngine(process.env);
  if (!engine.found) return;
  const container = await inspectContainer(engine.host, name);
  if (container !== undefined && isOwnContainer(container.labels, stack))
    await removeContainer(engine.host, container.id);
}
