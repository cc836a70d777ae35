/** What keeps a user from the state of a team or from its secrets: known errors of Pulumi, and what to do. Pure. */
import { type Advice, advice } from "../../base/advice.ts";
import { ENTER_PASSPHRASE, program, propiq, shell } from "../../base/command.ts";

interface Fault {
  /** In what Pulumi printed as its error. */
  sign: RegExp;
  next(stack: string): Advice;
}

const NOT_ALLOWED =
  "the identity that is signed in may not do this with the state. Reading needs the role Storage Blob Data Reader on the storage account, deploying needs Storage Blob Data Contributor. See docs/team.md, Who may do what.";

const FAULTS: readonly Fault[] = [
  {
    sign: /no stack named .* found/,
    next: (stack) =>
      advice(
        `Stack ${stack} does not exist in the back end that Pulumi.yaml (backend.url) or PULUMI_BACKEND_URL names. List its stacks. If the stack was never created, create it.`,
        propiq("pulumi", "stack", "ls"),
        propiq("pulumi", "stack", "init", stack),
      ),
  },
  {
    sign: /incorrect passphrase/,
    next: (stack) =>
      advice(
        `PULUMI_CONFIG_PASSPHRASE is not the passphrase of stack ${stack}. Enter it again. If it is lost, see docs/team.md, The passphrase is lost.`,
        ENTER_PASSPHRASE,
      ),
  },
  {
    sign: /passphrase must be set/,
    next: (stack) =>
      advice(`The passphrase of stack ${stack} is not set in this shell. Enter it.`, ENTER_PASSPHRASE),
  },
  {
    // The machine's own identity is asked before `az`, and so is a network that answers in its place.
    sign: /ManagedIdentityCredential authentication failed/,
    next: () =>
      advice(
        "The state is in Azure, and the sign-in as this machine's own identity failed. Use az only.",
        program("az", "login"),
        shell("export AZURE_TOKEN_CREDENTIALS=AzureCLICredential"),
      ),
  },
  {
    sign: /(DefaultAzureCredential|AzureCLICredential)\b/,
    next: () => advice("The state is in Azure, and you are not signed in. Sign in.", program("az", "login")),
  },
  {
    sign: /AuthorizationPermissionMismatch/,
    next: () => advice(`Azure Storage refused the request: ${NOT_ALLOWED}`),
  },
  {
    // Pulumi 3.259 crashes at every write that Azure Storage refuses (gocloud.dev, blob/azureblob: writer.Close).
    sign: /azureblob\.\(\*writer\)\.Close/,
    next: () =>
      advice(
        `Azure Storage refused what Pulumi wrote, and Pulumi does not report why. The likely reason: ${NOT_ALLOWED}`,
      ),
  },
  {
    sign: /does not have keys \w+ permission|ForbiddenByRbac/,
    next: () =>
      advice(
        "You are signed in, and may not use the key that encrypts the stack's secrets. You need the role Key Vault Crypto User on the vault. See docs/team.md, Who may do what.",
      ),
  },
  {
    sign: /Unable to decrypt specified value with this key|\/keys\/[^/\s]+(\/\w+)?\/decrypt[\s\S]*BadParameter/,
    next: (stack) =>
      advice(
        `The key in secretsprovider of Pulumi.${stack}.yaml is not the one that encrypted the secrets: the vault has a newer version. Name the version. See docs/team.md, Moving the secrets.`,
      ),
  },
];

/** @returns undefined for an error that is not in the table */
export function stateAdvice(said: string, stack: string): Advice | undefined {
  return FAULTS.find(({ sign }) => sign.test(said))?.next(stack);
}
