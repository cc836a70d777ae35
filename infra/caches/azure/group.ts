/** A resource group that the stack makes itself; deleted only when nothing else is in it. */
import { CustomResource } from "@pulumi/pulumi/resource.js";
import type { ResourceGroupInputs } from "../../provider/resource-group/resource-group.ts";

export class ResourceGroup extends CustomResource {
  constructor(name: string, args: ResourceGroupInputs) {
    super("propiq:index:ResourceGroup", name, { ...args }, {});
  }
}
