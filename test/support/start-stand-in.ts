/** A stand-in's process for a test that asks it as Pulumi's engine asks. */
import type { Values } from "../../infra/provider/protocol/values.ts";
import { EXECUTABLE } from "../../rehearsal/plugins/install.ts";
import type { StandInName } from "../../rehearsal/plugins/stand-ins.ts";
import { type Plugin, startPlugin } from "./plugin.ts";

/**
 * @param env beside that of this process
 * @param config of the provider, as `{ email, apiKey }`
 * @throws Failed where it refuses that
 */
export async function startStandIn(
  name: StandInName,
  env: Readonly<Record<string, string>>,
  config: Values = {},
): Promise<Plugin> {
  const plugin = await startPlugin([EXECUTABLE, name, "127.0.0.1:1"], { ...process.env, ...env });
  try {
    await plugin.configure(config);
  } catch (error) {
    await plugin.stop();
    throw error;
  }
  return plugin;
}
