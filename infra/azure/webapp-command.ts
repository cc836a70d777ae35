/** Commands of `az` on an App Service or one of its slots. */
import { type Command, program } from "../../base/command.ts";
import type { SiteName } from "./app-service.ts";

/** `webappCommand(["log", "tail"], site)`. */
export function webappCommand(
  action: readonly string[],
  { app, resourceGroup, slot }: SiteName,
  ...more: readonly string[]
): Command {
  const inSlot = slot === undefined ? [] : ["--slot", slot];
  const site = ["--name", app, "--resource-group", resourceGroup, ...inSlot];
  return program("az", "webapp", ...action, ...site, ...more);
}
