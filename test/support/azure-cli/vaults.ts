/** Key vaults and their keys, on the emulated Azure. */
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import type { Vault } from "../../../rehearsal/azure/services/key-vault-vault.ts";
import { type Answers, type Ask, AzError } from "./answers.ts";
import type { Directory } from "./directory.ts";

export function vaultAnswers({ may }: Directory): Answers {
  const made = new Map<string, Vault>();
  const find = (name = "") => {
    const vault = made.get(name.toLowerCase());
    // keyvault/_validators.py, get_vault_base_url_type and _get_resource_group_from_resource_name
    if (vault === undefined) throw new AzError(`The Vault or HSM '${name}' not found within subscription.`);
    return vault;
  };
  return {
    // keyvault/custom.py, create_vault
    "keyvault create": async ({ azure, value }) => {
      const [name = "", resourceGroup = ""] = [value("--name"), value("--resource-group")];
      if (!/^[a-z][a-z0-9-]{2,23}$/i.test(name))
        throw new AzError(`(VaultNameNotValid) The vault name '${name}' is invalid.`);
      if (made.has(name.toLowerCase())) throw new AzError(`The specified vault: ${name} already exists`);
      const vault = await azure.makeVault({ name, resourceGroup });
      made.set(name.toLowerCase(), vault);
      return { value: shown(azure, vault) };
    },
    "keyvault show": ({ azure, value }) => ({ value: shown(azure, find(value("--name"))) }),
    // A request to the vault itself, which asks for a right to its keys: those of a resource group are none.
    "keyvault key create": ({ azure, value }) => {
      const vault = find(value("--vault-name"));
      if (!may(/^Key Vault (Crypto Officer|Administrator)$/, idOf(azure, vault)))
        throw new AzError("(Forbidden) Caller is not authorized to perform action on resource.");
      const name = value("--name") ?? "";
      const version = vault.makeKey(name);
      return {
        value: { key: { kid: `https://${vault.name}.vault.azure.net/keys/${name}/${version}`, kty: "RSA" } },
      };
    },
  };
}

/** Anyone who got a right to a vault's keys has it at once. */
export function admitToKeys({ azure }: Ask, { may }: Directory): void {
  for (const { id, name } of azure.resources.list({ type: "Microsoft.KeyVault/vaults" }))
    if (may(/^Key Vault (Crypto (Officer|User)|Administrator)$/, id))
      azure.vault(name).keyUsers.add(azure.principal);
}

const idOf = ({ subscriptionId }: Azure, { resourceGroup, name }: Vault) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/${name}`;

const shown = (azure: Azure, vault: Vault) => ({ id: idOf(azure, vault), name: vault.name });
