import { publishedSdk } from "../protocol/sdk.ts";

export const sdk = publishedSdk("@pulumi/azure-native");
export const { readArgs, readOutputs } = sdk;

/** As the package's documentation names it: `Uses Azure REST API version 2024-11-01.` */
export function readApiVersion(file: string): string {
  return sdk.readFact(file, /Uses Azure REST API version (\d{4}-\d{2}-\d{2}(?:-preview)?)/, "API version");
}
