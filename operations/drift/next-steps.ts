/** What to do about drift: commands, and the snippets that make other tools ignore our settings. Pure. */

import { type Advice, advice } from "../../base/advice.ts";
import { program } from "../../base/command.ts";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { repairStack } from "../stacks/conflict.ts";

/** @param keep completes "To keep it, …" */
export function backOrKeep(stack: string, keep: string): Advice {
  return advice(`Restore what the stack says. To keep it, ${keep}.`, repairStack(stack));
}

interface AppPlace {
  app: string;
  resourceGroup: string;
  slot?: string | undefined;
}

/**
 * For the tool that writes an app's settings as a whole set.
 * Terraform: elements of a map can be ignored one by one (developer.hashicorp.com/terraform/language/meta-arguments,
 * `ignore_changes`). Bicep: `Microsoft.Web/sites/config` `appsettings` replaces the whole set, so the existing settings are read
 * by list() and merged; in a module of its own, since a template cannot read what it writes.
 * @param keys ours in that app; the record of what was there before is added
 */
export function handsOff(keys: readonly string[], { app, slot }: Pick<AppPlace, "app" | "slot">): string {
  const names = [...keys.filter((key) => key !== EARLIER_KEY), EARLIER_KEY];
  const type = slot === undefined ? "Microsoft.Web/sites" : "Microsoft.Web/sites/slots";
  const place = slot === undefined ? [app] : [app, slot];
  return [
    `Terraform, in the resource of the ${slot === undefined ? "app" : "slot"}:`,
    "  lifecycle {",
    "    ignore_changes = [",
    ...names.map((name) => `      app_settings["${name}"],`),
    "    ]",
    "  }",
    "Bicep, in place of siteConfig.appSettings and of a fixed set:",
    "  // main.bicep",
    "  module settings 'app-settings.bicep' = {",
    "    name: 'app-settings'",
    "    params: {",
    `      there: list(resourceId('${type}/config', ${[...place, "appsettings"].map((part) => `'${part}'`).join(", ")}), '2025-05-01').properties`,
    "      own: { /* the settings that Bicep is to set */ }",
    "    }",
    "  }",
    "  // app-settings.bicep",
    "  @secure()",
    "  param there object",
    "  @secure()",
    "  param own object",
    `  resource site '${type}@2025-05-01' existing = { name: '${place.join("/")}' }`,
    `  resource settings '${type}/config@2025-05-01' = {`,
    "    parent: site",
    "    name: 'appsettings'",
    "    properties: union(there, own)",
    "  }",
  ].join("\n");
}

/** @param other the slot that it was swapped with, `production` for the app itself; absent where it is not known */
export function swapAdvice(
  stack: string,
  { app, resourceGroup, slot }: AppPlace,
  other: string | undefined,
): Advice {
  const pair = [slot ?? "production", other ?? "production"];
  const source = pair.find((name) => name !== "production");
  const back =
    source === undefined || pair[0] === pair[1]
      ? []
      : [
          program(
            ...[
              "az",
              "webapp",
              "deployment",
              "slot",
              "swap",
              "--name",
              app,
              "--resource-group",
              resourceGroup,
            ],
            ...["--slot", source, "--target-slot", pair.find((name) => name !== source) ?? "production"],
          ),
        ];
  return advice(
    `${back.length > 0 ? "Swap back, or write" : "Write"} the stack's own settings again. To keep them with their slot next time, set sticky: true for this app in Pulumi.${stack}.yaml.`,
    ...back,
    repairStack(stack),
  );
}
