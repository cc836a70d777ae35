/** What stands between a person and a team's state or its secrets, by what Pulumi says of it; and what to type. Pure. */

interface Fault {
  /** In what Pulumi printed as its error. */
  sign: RegExp;
  words(stack: string): string;
}

const PASSPHRASE = "read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE";

const NOT_ALLOWED =
  "you are signed in, and may not do this with the state. Who looks needs the role Storage Blob Data Reader on the storage account, who deploys Storage Blob Data Contributor: docs/team.md, Who may do what";

const FAULTS: readonly Fault[] = [
  {
    sign: /no stack named .* found/,
    words: (stack) =>
      `There is no stack ${stack} where Pulumi.yaml (backend.url), or PULUMI_BACKEND_URL of this shell, keeps the state. See what is there: ./propiq-cache pulumi stack ls\nWhere it was never made: ./propiq-cache pulumi stack init ${stack}`,
  },
  {
    sign: /incorrect passphrase/,
    words: (stack) =>
      `PULUMI_CONFIG_PASSPHRASE is not the passphrase of stack ${stack}. Type it anew: ${PASSPHRASE}\nNobody has it any more: docs/team.md, The passphrase is lost`,
  },
  {
    sign: /passphrase must be set/,
    words: (stack) => `The passphrase of stack ${stack} is not set in this shell. Type it: ${PASSPHRASE}`,
  },
  {
    // A machine with an identity of its own, or a network that answers in its place, is asked before `az`.
    sign: /ManagedIdentityCredential authentication failed/,
    words: () =>
      "The state is in Azure, and this machine's own identity was asked for, in vain. Have az asked alone: az login && export AZURE_TOKEN_CREDENTIALS=AzureCLICredential",
  },
  {
    sign: /(DefaultAzureCredential|AzureCLICredential)\b/,
    words: () => "The state is in Azure, and nobody is signed in there. Sign in: az login",
  },
  {
    sign: /AuthorizationPermissionMismatch/,
    words: () => `Azure Storage says no: ${NOT_ALLOWED}`,
  },
  {
    // Pulumi 3.259 falls over every write that Azure Storage refuses (gocloud.dev, blob/azureblob: writer.Close).
    sign: /azureblob\.\(\*writer\)\.Close/,
    words: () =>
      `Azure Storage did not take what Pulumi wrote, and Pulumi does not say why. Most likely: ${NOT_ALLOWED}`,
  },
  {
    sign: /does not have keys \w+ permission|ForbiddenByRbac/,
    words: () =>
      "You are signed in, and may not use the key that encrypts the stack's secrets. It takes the role Key Vault Crypto User on the vault: docs/team.md, Who may do what",
  },
  {
    sign: /Unable to decrypt specified value with this key|\/keys\/[^/\s]+(\/\w+)?\/decrypt[\s\S]*BadParameter/,
    words: (stack) =>
      `The key in secretsprovider of Pulumi.${stack}.yaml is not the one that encrypted the secrets: a newer version has taken its place. Name the version: docs/team.md, Moving the secrets`,
  },
];

/** @returns what to say besides; nothing where Pulumi's own words are all that is known */
export function stateHint(said: string, stack: string): string | undefined {
  return FAULTS.find(({ sign }) => sign.test(said))?.words(stack);
}
