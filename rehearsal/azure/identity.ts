/**
 * Microsoft Entra ID, as far as a pipeline signs in with it: the metadata of a cloud, OpenID discovery, and tokens for a
 * client secret or a federated assertion. Paths and fields: @azure/identity 4.13.1, msal-common 16.13.0.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { ArmReply } from "./message.ts";
import { refusals } from "./refusals.ts";

export interface IdentityOptions {
  tenantId: string;
  clientId: string;
  objectId: string;
  clientSecret: string;
  /** The assertion that a CI system would hand out. */
  federatedToken: string;
  tokenLifetimeSeconds: number;
}

export interface Principal {
  clientId: string;
  objectId: string;
}

interface Claims {
  aud: string;
  appid: string;
  oid: string;
  tid: string;
  /** Seconds since 1970. */
  exp: number;
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Resources for which tokens are given in addition to ARM itself. */
export const VAULT_AUDIENCE = "https://vault.azure.net";
export const STORAGE_AUDIENCE = "https://storage.azure.com";

export class Identity {
  readonly #options: IdentityOptions;
  readonly #key = randomBytes(32);
  #revokedBefore = 0;
  #issued = 0;
  #origin = "";

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  listenOn(origin: string): void {
    this.#origin = origin;
  }

  /** What tokens for ARM may name as their audience; the first is the one that the metadata names first. */
  get audiences(): readonly [string, ...string[]] {
    return ["https://management.core.emulated/", `${this.#origin}/`];
  }

  /** All tokens given so far are expired from now on, as in the middle of something that takes long. */
  expireTokens(): void {
    this.#revokedBefore = this.#issued;
  }

  /** @returns undefined for what is not a matter of signing in */
  answer(
    method: string,
    path: string,
    form: URLSearchParams,
    headers: { authorization?: string | undefined },
  ) {
    const tenant = `/${this.#options.tenantId}`.toLowerCase();
    const known: Record<string, () => ArmReply> = {
      "GET /metadata/endpoints": () => ({ status: 200, body: this.#metadata() }),
      [`GET ${tenant}/v2.0/.well-known/openid-configuration`]: () => ({ status: 200, body: this.#openId() }),
      "GET /common/discovery/instance": () => ({ status: 200, body: this.#instance() }),
      [`POST ${tenant}/oauth2/v2.0/token`]: () => this.#token(form),
      "GET /oidc/token": () => this.#assertion(headers.authorization),
    };
    const path_ = path.toLowerCase();
    const found = known[`${method} ${path_}`];
    if (found !== undefined) return found();
    if (/^\/[^/]+\/(v2\.0\/\.well-known|oauth2)\//.test(path_)) return this.#noSuchTenant(path);
    return undefined;
  }

  /**
   * Who sent this request.
   *
   * @param audiences whom the token may be for: ARM where absent
   * @throws ArmRefusal 401
   */
  authenticate(authorization: string | undefined, audiences: readonly string[] = this.audiences): Principal {
    if (authorization === undefined) throw refusals.tokenMissing();
    const { claims, number } = this.#read(authorization.replace(/^Bearer /, ""));
    const expiresAt = new Date(claims.exp * 1000);
    if (number <= this.#revokedBefore) throw refusals.tokenExpired(new Date());
    if (expiresAt.getTime() <= Date.now()) throw refusals.tokenExpired(expiresAt);
    const accepted = audiences.map(bare);
    if (!accepted.includes(bare(claims.aud))) throw refusals.tokenForAnother(claims.aud, audiences);
    return { clientId: claims.appid, objectId: claims.oid };
  }

  /** As of api-version 2022-09-01. */
  #metadata(): unknown {
    return {
      portal: "https://portal.emulated",
      authentication: {
        loginEndpoint: `${this.#origin}/`,
        audiences: this.audiences,
        tenant: "common",
        identityProvider: "AAD",
      },
      media: "https://rest.media.emulated",
      graph: "https://graph.emulated/",
      graphAudience: "https://graph.emulated/",
      name: "EmulatedCloud",
      suffixes: {
        storage: "core.emulated",
        keyVaultDns: "vault.azure.net",
        sqlServerHostname: "database.emulated",
      },
      resourceManager: `${this.#origin}/`,
      microsoftGraphResourceId: "https://graph.emulated/",
    };
  }

  #openId(): unknown {
    const base = `${this.#origin}/${this.#options.tenantId}`;
    return {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      tenant_region_scope: "NA",
      cloud_instance_name: "emulated",
    };
  }

  #instance(): unknown {
    const host = new URL(this.#origin).host;
    return {
      tenant_discovery_endpoint: `${this.#origin}/${this.#options.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    };
  }

  #token(form: URLSearchParams): ArmReply {
    const { clientId, clientSecret, federatedToken, tokenLifetimeSeconds } = this.#options;
    if (form.get("grant_type") !== "client_credentials") {
      return entraError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
    }
    if (form.get("client_id") !== clientId) {
      return entraError(
        400,
        "unauthorized_client",
        700016,
        `Application with identifier '${form.get("client_id")}' was not found in the directory 'Emulated'. This can ` +
          "happen if the application has not been installed by the administrator of the tenant or consented to by any " +
          "user in the tenant. You may have sent your authentication request to the wrong tenant.",
      );
    }
    const assertion = form.get("client_assertion");
    if (assertion !== null) {
      if (form.get("client_assertion_type") !== ASSERTION_TYPE || assertion !== federatedToken) {
        return entraError(
          401,
          "invalid_client",
          700213,
          "No matching federated identity record found for presented assertion subject 'repo:owner/name:ref:refs/heads/main'. " +
            "Check your federated identity credential Subject, Audience and Issuer against the presented assertion.",
        );
      }
    } else if (form.get("client_secret") !== clientSecret) {
      return entraError(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not " +
          `the client secret ID, for a secret added to app '${clientId}'.`,
      );
    }
    const audience = this.#audienceOf(form.get("scope") ?? "");
    if (audience === undefined) {
      return entraError(
        400,
        "invalid_resource",
        500011,
        `The resource principal named ${form.get("scope")} was not found in the tenant named Emulated.`,
      );
    }
    const expires = { expires_in: tokenLifetimeSeconds, ext_expires_in: tokenLifetimeSeconds };
    return {
      status: 200,
      body: { token_type: "Bearer", ...expires, access_token: this.#issue(audience) },
    };
  }

  #audienceOf(scope: string): string | undefined {
    const asked = scope
      .split(" ")
      .filter((part) => part.endsWith("/.default"))
      .map((part) => part.slice(0, -"/.default".length));
    return [...this.audiences, VAULT_AUDIENCE, STORAGE_AUDIENCE].find(
      (audience) => bare(audience) === bare(asked[0] ?? ""),
    );
  }

  /** What GitHub Actions answers at ACTIONS_ID_TOKEN_REQUEST_URL (docs.github.com, OpenID Connect reference). */
  #assertion(authorization: string | undefined): ArmReply {
    const { federatedToken, clientSecret } = this.#options;
    if (authorization?.toLowerCase() !== `bearer ${clientSecret}`.toLowerCase()) return { status: 401 };
    return { status: 200, body: { value: federatedToken } };
  }

  #noSuchTenant(path: string): ArmReply {
    const tenant = path.split("/")[1] ?? "";
    return entraError(
      400,
      "invalid_request",
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the ` +
        "correct cloud. Check with your subscription administrator, this may happen if there are no active " +
        "subscriptions for the tenant.",
    );
  }

  /** In the form of a JWT, since clients read claims; the signature is the emulator's own. */
  #issue(audience: string): string {
    const { tenantId, clientId, objectId, tokenLifetimeSeconds } = this.#options;
    this.#issued += 1;
    const nowSeconds = Math.floor(Date.now() / 1000);
    const claims: Claims & Record<string, unknown> = {
      aud: audience,
      iss: `${this.#origin}/${tenantId}/`,
      iat: nowSeconds,
      nbf: nowSeconds,
      exp: nowSeconds + tokenLifetimeSeconds,
      appid: clientId,
      oid: objectId,
      tid: tenantId,
      idtyp: "app",
      uti: String(this.#issued),
    };
    const signed = [{ alg: "HS256", typ: "JWT" }, claims].map(base64Url).join(".");
    return `${signed}.${this.#sign(signed)}`;
  }

  #read(token: string): { claims: Claims; number: number } {
    const [header, payload, signature = ""] = token.split(".");
    const expected = Buffer.from(this.#sign(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (payload === undefined || expected.length !== given.length || !timingSafeEqual(expected, given)) {
      throw refusals.tokenInvalid();
    }
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims & { uti: string };
    return { claims, number: Number(claims.uti) };
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

const base64Url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const bare = (audience: string): string => audience.replace(/\/+$/, "").toLowerCase();

/** The form of Entra's errors; codes and words: learn.microsoft.com/entra/identity-platform/reference-error-codes. */
function entraError(status: number, error: string, code: number, words: string): ArmReply {
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const trail = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${words} ${trail}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}
