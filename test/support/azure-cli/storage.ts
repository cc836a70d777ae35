/** Storage accounts and their containers, as far as the state's set-up meets them. */
import { type Answers, AzError } from "./answers.ts";
import type { Directory } from "./directory.ts";

interface Account {
  id: string;
  name: string;
  containers: Set<string>;
}

export function storageAnswers({ may }: Directory): Answers {
  const accounts = new Map<string, Account>();
  const find = (name = "") => {
    const account = accounts.get(name);
    if (account === undefined)
      throw new AzError(
        `(ResourceNotFound) The Resource 'Microsoft.Storage/storageAccounts/${name}' was not found.`,
      );
    return account;
  };
  const mayWrite = ({ id }: Account) => may(/^Storage Blob Data (Contributor|Owner)$/, id);
  return {
    "storage account create": ({ value, azure }) => {
      const name = value("--name") ?? "";
      if (!/^[a-z0-9]{3,24}$/.test(name))
        throw new AzError(
          `(AccountNameInvalid) ${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
        );
      const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/${value("--resource-group")}/providers/Microsoft.Storage/storageAccounts/${name}`;
      if (!accounts.has(name)) accounts.set(name, { id, name, containers: new Set() });
      return { value: { id, name } };
    },
    "storage account show": ({ value }) => {
      const { id, name } = find(value("--name"));
      return { value: { id, name } };
    },
    "storage account blob-service-properties update": ({ value }) => {
      find(value("--account-name"));
      return { value: { isVersioningEnabled: value("--enable-versioning") === "true" } };
    },
    // With a sign-in it is a request to the storage itself, which knows the rights to data alone.
    "storage container create": ({ value }) => {
      const account = find(value("--account-name"));
      if (value("--auth-mode") === "login" && !mayWrite(account))
        throw new AzError("You do not have the required permissions needed to perform this operation.");
      account.containers.add(value("--name") ?? "");
      return { value: { created: true } };
    },
    "storage container-rm create": ({ value }) => {
      const account = find(value("--storage-account"));
      account.containers.add(value("--name") ?? "");
      return {
        value: {
          id: `${account.id}/blobServices/default/containers/${value("--name")}`,
          name: value("--name"),
        },
      };
    },
  };
}
