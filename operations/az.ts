/** Commands of the Azure CLI that operations advise. */
import { type Command, program } from "../base/command.ts";

interface AppPlace {
  name: string;
  resourceGroup: string;
  slot?: string | undefined;
}

export function startApp({ name, resourceGroup, slot }: AppPlace): Command {
  const place = ["--name", name, "--resource-group", resourceGroup];
  return program("az", "webapp", "start", ...place, ...(slot === undefined ? [] : ["--slot", slot]));
}

export function listApps(): Command {
  return program("az", "webapp", "list", "--query", "[].{name:name, group:resourceGroup}", "-o", "table");
}
