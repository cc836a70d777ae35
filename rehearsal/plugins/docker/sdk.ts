import { publishedSdk } from "../protocol/sdk.ts";

export const sdk = publishedSdk("@pulumi/docker");
