/** The provider's own configuration: which engine it talks to. */
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Values } from "../../../infra/provider/protocol/values.ts";
import { oneError } from "../protocol/bridged.ts";
import { type Engine, engineAt } from "./engine-api.ts";
import { sdk } from "./sdk.ts";

const FIELDS = sdk.readArgs("provider.d.ts", "ProviderArgs");
/** What the stand-in knows of it. */
const KNOWN = ["host", "context"];
/** Put there by the engine. */
const FROM_PULUMI = ["version", "pluginDownloadURL"];

/** What is wrong with the provider's inputs, in its words where they were seen. */
export function checkConfig(inputs: Values): string[] {
  return Object.keys(inputs).flatMap((key) => {
    if (FROM_PULUMI.includes(key) || KNOWN.includes(key)) return [];
    if (Object.hasOwn(FIELDS, key))
      return [`The stand-in for the Docker provider does not know its input ${key}.`];
    return [`\`docker:${key}\` is not a valid configuration key for the docker provider.`];
  });
}

/**
 * The engine that the inputs and the environment choose. A context wins over a host, DOCKER_CONTEXT too, unless the
 * inputs hold an empty one (seen).
 *
 * @throws where it does not answer, in the provider's words: it asks before it does anything else
 */
export async function chosenEngine(inputs: Values, env: NodeJS.ProcessEnv): Promise<Engine> {
  const host = String(inputs["host"] ?? (env["DOCKER_HOST"] || "unix:///var/run/docker.sock"));
  const refused = "docker native provider returned an unexpected error from Configure";
  if (!host.includes("://")) throw new Error(`${refused}: unable to parse docker host \`${host}\``);
  await engineAt(host)
    .call("GET", "/_ping")
    .catch(() => {
      throw new Error(`${refused}: failed to connect to any docker daemon`);
    });
  const context = String(inputs["context"] ?? env["DOCKER_CONTEXT"] ?? "");
  return engineAt(context === "" ? host : await contextHost(context).catch(oneError));
}

/** The provider knows no context `default`, as the docker command does, and does not look at DOCKER_CONFIG. */
async function contextHost(context: string): Promise<string> {
  const folder = join(homedir(), ".docker/contexts/meta");
  const names = await readdir(folder).catch((error: Error) => {
    throw new Error(
      `Error loading Docker context '${context}': could not read contexts directory: ${error.message}`,
    );
  });
  for (const name of names) {
    const text = await readFile(join(folder, name, "meta.json"), "utf8").catch(() => "{}");
    const meta = JSON.parse(text) as { Name?: string; Endpoints?: { docker?: { Host?: string } } };
    const host = meta.Endpoints?.docker?.Host;
    if (meta.Name === context && host !== undefined) return host;
  }
  throw new Error(`Error loading Docker context '${context}': context '${context}' not found`);
}
