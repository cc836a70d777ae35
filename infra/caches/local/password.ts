/** The password of a cache on this machine, where the config asks for one. */
import { type Output, output, secret } from "@pulumi/pulumi/output.js";
import { CustomResource, type Resource } from "@pulumi/pulumi/resource.js";
import type { Target } from "../../../check/target.ts";

class LocalPassword extends CustomResource {
  declare readonly password: Output<string>;

  constructor(name: string, parent: Resource) {
    super(
      "propiq:index:LocalPassword",
      name,
      { password: undefined },
      { parent, additionalSecretOutputs: ["password"] },
    );
  }
}

/** @returns undefined where the cache has none */
export function localPassword(
  { name, localPassword: isWanted }: { name: string; localPassword: boolean },
  parent: Resource,
): Output<string> | undefined {
  return isWanted ? secret(new LocalPassword(`${name}-password`, parent).password) : undefined;
}

/** How to reach a cache of this machine. Secret where it has a password. */
export function localTarget(port: number, password: Output<string> | undefined): Output<Target> {
  const target: Target = { host: "127.0.0.1", port, tls: false, db: 0 };
  return password === undefined
    ? output(target)
    : password.apply((secret) => ({ ...target, password: secret }));
}
