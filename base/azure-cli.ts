/** Commands of the Azure CLI on an App Service or one of its slots. */
import { type Command, program } from "./command.ts";

export interface AppPlace {
  name: string;
  resourceGroup: string;
  /** Absent: production. */
  slot?: string | undefined;
}

/** `--name luntra-outreach-app --resource-group propiq-rg`. Our own commands say `--app-name`. */
export function placeWords({ name, resourceGroup, slot }: AppPlace, option = "--name"): string[] {
  const inSlot = slot === undefined ? [] : ["--slot", slot];
  return [option, name, "--resource-group", resourceGroup, ...inSlot];
}

/** `webapp(["config", "appsettings", "set"], app, "--settings", "REDIS_ENABLED=false")`. */
export function webapp(action: readonly string[], app: AppPlace, ...more: readonly string[]): Command {
  return program("az", "webapp", ...action, ...placeWords(app), ...more);
}

export function listApps(): Command {
  return program("az", "webapp", "list", "--query", "[].{name:name, group:resourceGroup}", "-o", "table");
}
