/**
 * Microsoft's packages, loaded where they are first needed. With `require`: in that form msal-node, which the sign-in
 * stands on, is one file and not 119, which saves each preview that asks an app a tenth of a second.
 */
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

export const identitySdk = (): typeof import("@azure/identity") => load("@azure/identity");
export const appServiceSdk = (): typeof import("@azure/arm-appservice/api") =>
  load("@azure/arm-appservice/api");
export const webAppsSdk = (): typeof import("@azure/arm-appservice/api/webApps") =>
  load("@azure/arm-appservice/api/webApps");
