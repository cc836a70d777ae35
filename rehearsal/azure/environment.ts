/** The environment of a pipeline that is signed in to the emulated cloud. */
import type { IdentityOptions } from "./identity.ts";

export interface SignedIn {
  host: string;
  subscriptionId: string;
  identity: IdentityOptions;
  /** PEM file of the authority that signed the emulator's certificate. */
  caFile: string;
}

/** With a client secret, as most pipelines do. */
export function environmentOf({ host, subscriptionId, identity, caFile }: SignedIn): Record<string, string> {
  return {
    ARM_CLIENT_ID: identity.clientId,
    ARM_CLIENT_SECRET: identity.clientSecret,
    ARM_TENANT_ID: identity.tenantId,
    ARM_SUBSCRIPTION_ID: subscriptionId,
    ARM_METADATA_HOSTNAME: host,
    // A cloud that Microsoft's list of instances does not have (pulumi-azure-native, auth_azidentity.go).
    ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    NODE_EXTRA_CA_CERTS: caFile,
    NO_PROXY: "127.0.0.1,localhost",
  };
}

/** The same with a federated token in place of the secret, as a job of GitHub Actions has it. */
export function federatedEnvironmentOf(signedIn: SignedIn): Record<string, string> {
  const { ARM_CLIENT_SECRET: secret = "", ...rest } = environmentOf(signedIn);
  return {
    ...rest,
    ARM_USE_OIDC: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: `https://${signedIn.host}/oidc/token?job=1`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
  };
}
