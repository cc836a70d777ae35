/** The settings of the app among those of an App Service. */
import type { Input } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import type { AppSettings as Settings } from "../contract/table.ts";
import type { AppSettingsInputs } from "../provider/app-settings/inputs.ts";

type Args = { [K in keyof Omit<AppSettingsInputs, "settings">]: Input<AppSettingsInputs[K]> } & {
  /** Secret. */
  settings: Input<Settings>;
};

export class AppSettings extends CustomResource {
  /**
   * Writing restarts the app; its other settings stay as they are.
   * @param options must name the cache and its proof in `dependsOn`: the previous cache is deleted only after the app was
   * seen
   */
  constructor(name: string, args: Args, options: CustomResourceOptions) {
    super("propiq:index:AppSettings", name, args, options);
  }
}
