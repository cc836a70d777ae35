import { expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import { stateAdvice } from "../../../operations/stacks/state-faults.ts";

/** As Pulumi 3.259 printed them, shortened. */
it.each([
  ["error: no stack named 'prod' found", "./propiq-cache pulumi stack init prod"],
  [
    "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
    "read -rs PULUMI_CONFIG",
  ],
  [
    "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
    "is not set in this shell",
  ],
  [
    'error: read ".pulumi/meta.yaml": blob (code=Unknown): DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tAzureCLICredential: executable not found on path',
    "Run: az login",
  ],
  [
    "DefaultAzureCredential: failed to acquire a token.\n\tManagedIdentityCredential authentication failed. \n\t\tRESPONSE 403: 403 Forbidden",
    "export AZURE_TOKEN_CREDENTIALS=AzureCLICredential",
  ],
  [
    "RESPONSE 403: 403 Forbidden\nERROR CODE: AuthorizationPermissionMismatch",
    "Storage Blob Data Contributor",
  ],
  [
    "Panic: runtime error: invalid memory address or nil pointer dereference\ngocloud.dev/blob/azureblob.(*writer).Close.func1()",
    "Azure Storage refused what Pulumi wrote",
  ],
  ["'oid=1' does not have keys encrypt permission on key vault 'v;location=eastus'", "Key Vault Crypto User"],
  [
    "POST https://v.vault.azure.net/keys/k/decrypt\nRESPONSE 400: 400 Bad Request\nERROR CODE: BadParameter",
    "secretsprovider of Pulumi.prod.yaml",
  ],
])("says what to do after %j", (said, hint) => {
  expect(adviceText(stateAdvice(said, "prod") ?? { say: "" })).toContain(hint);
});

it("says nothing about an error that is not in the table", () => {
  expect(stateAdvice("error: update failed", "prod")).toBeUndefined();
  expect(stateAdvice("", "prod")).toBeUndefined();
});
