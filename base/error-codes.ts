/** The codes of errors that users can act on. A code never changes its meaning, and is never used again. */

export const ERROR_CODES = {
  APP_NOT_FOUND: "The App Service, or its slot, does not exist.",
  APP_NO_IDENTITY: "The app has no managed identity, so it cannot read the Key Vault.",
  APP_STOPPED_NO_PROOF: "The app must prove the cache (`proof.mode: app`), and it is stopped.",
  APP_UNHEALTHY: "The app does not work with its new settings.",
  AZURE_ERROR: "Azure answered with an error.",
  CANCELLED: "The update was cancelled.",
  DATABASE_NOT_FOUND: "The Upstash database does not exist.",
  OTHER_STACK: "The app's cache settings belong to another stack.",
  SETTINGS_EDITED: "Another writer changed cache settings of the app.",
  SETTINGS_FOUGHT: "Another writer keeps changing the app's settings while an update writes them.",
  VAULT_NOT_FOUND: "The Key Vault does not exist.",
  VAULT_REFUSED: "The app's identity may not read secrets of the Key Vault.",
} as const satisfies Readonly<Record<string, string>>;

export type ErrorCode = keyof typeof ERROR_CODES;
