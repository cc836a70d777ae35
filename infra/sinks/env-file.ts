/** The settings of the app as a block of an env file. */
import type { Input } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import type { AppSettings } from "../contract/table.ts";

export class EnvFile extends CustomResource {
  /**
   * @param args.path relative to the project's root, or absolute; another path writes there first, then clears the old
   * @param args.settings secret
   */
  constructor(
    name: string,
    args: { path: string; settings: Input<AppSettings>; provenAt: Input<string> },
    options: CustomResourceOptions,
  ) {
    super("propiq:index:EnvFile", name, args, options);
  }
}
