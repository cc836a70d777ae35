/**
 * Azure Resource Manager, signed in. One client of Microsoft's (its tokens, proxies, TLS) for every question: the
 * App Service package's own context is a plain REST client beside its typed functions.
 */
import type { WebSiteManagementContext } from "@azure/arm-appservice/api";
import type { GetTokenOptions, TokenCredential } from "@azure/identity";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { ArmError, armErrorOf } from "./arm-error.ts";
import { type AzureCloud, azureCloud, type GivenCloud } from "./cloud.ts";
import { azureCredential, signInKind } from "./credential.ts";
import { repeatRead } from "./retry.ts";
import { appServiceSdk } from "./sdk.ts";

export { ArmError } from "./arm-error.ts";

/** Milliseconds for one attempt. */
const ATTEMPT_MS = 90_000;

export interface ArmRequest {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/subscriptions/…` on, without a query; or a whole URL below the same host, as answers give them. */
  path: string;
  apiVersion: string;
  /** Further parameters of the query, such as `$filter`. */
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  signal?: AbortSignal;
  /** True where repeating changes nothing although the method is not a GET: lists that are asked by POST. */
  repeatable?: boolean;
}
export interface ArmReply {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON; undefined where there is none. */
  body: unknown;
}

export interface Arm {
  readonly cloud: AzureCloud;
  readonly subscriptionId: string;
  readonly credential: TokenCredential;
  /** For the functions of `@azure/arm-appservice/api/…`. It never repeats a request by itself. */
  readonly context: WebSiteManagementContext;
  /**
   * Asks once; GET, HEAD and `repeatable` again after 408, 429, 5xx or no answer, as Retry-After asks.
   * @throws ArmError for any status from 400; PropiqError where the sign-in fails; the signal's reason
   */
  request(request: ArmRequest): Promise<ArmReply>;
}

/**
 * @param options.subscriptionId of the resources to be asked for; paths say so themselves
 * @throws PropiqError where the environment cannot sign in
 */
export async function openArm(
  options: { env: NodeJS.ProcessEnv; subscriptionId: string } & GivenCloud,
): Promise<Arm> {
  const { env, subscriptionId } = options;
  const cloud = await azureCloud(env, options);
  const credential = explained(await azureCredential(env, cloud), env);
  const { createWebSiteManagement } = appServiceSdk();
  const context = createWebSiteManagement(credential, subscriptionId, {
    endpoint: cloud.resourceManager,
    credentials: { scopes: [`${cloud.audience}/.default`] },
    // Anyone who asks knows whether asking again is harmless; the pipeline does not.
    retryOptions: { maxRetries: 0 },
  });
  // Before Microsoft's client makes an error of it: of App Service's own form that would keep nothing.
  context.pipeline.addPolicy({
    name: "arm-errors",
    async sendRequest(request, next) {
      const reply = await next(request);
      if (reply.status < 400) return reply;
      throw armErrorOf(reply.status, bodyOf(reply.bodyAsText), reply.headers.toJSON());
    },
  });
  return {
    cloud,
    subscriptionId,
    credential,
    context,
    request: (request) => {
      const once = () => ask(context, cloud, request);
      const repeatable = request.repeatable ?? /^(GET|HEAD)$/.test(request.method);
      return repeatable ? repeatRead(once, request.signal) : once();
    },
  };
}

async function ask(
  context: WebSiteManagementContext,
  cloud: AzureCloud,
  { method, path, apiVersion, query, body, signal }: ArmRequest,
): Promise<ArmReply> {
  const verb = method.toLowerCase() as "get" | "head" | "post" | "put" | "patch" | "delete";
  const relative = path.startsWith(cloud.resourceManager) ? path.slice(cloud.resourceManager.length) : path;
  // Microsoft's client follows a path that is a URL to its host, with the token.
  if (!relative.startsWith("/"))
    throw new PropiqError("Azure Resource Manager was to be asked for an address of another host.", {
      code: "HOST_NOT_TRUSTED",
      next: advice("A resource id in the state or in the config is not one of Azure. Correct it."),
    });
  return await answerOf(signal, async (abortSignal) => {
    const reply = await context.pathUnchecked(relative)[verb]({
      queryParameters: { ...query, "api-version": apiVersion },
      headers: { accept: "application/json" },
      abortSignal,
      ...(body === undefined ? {} : { body, contentType: "application/json" }),
    });
    return { status: Number(reply.status), headers: reply.headers, body: reply.body as unknown };
  });
}

/**
 * One attempt of any call of Microsoft's clients, with its errors in our form.
 * @throws ArmError; PropiqError as it is; the signal's reason
 */
export async function answerOf<T>(
  signal: AbortSignal | undefined,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const patience = AbortSignal.timeout(ATTEMPT_MS);
  try {
    return await call(signal === undefined ? patience : AbortSignal.any([patience, signal]));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ArmError || error instanceof PropiqError) throw error;
    throw noAnswer(error, patience.aborted);
  }
}

/** What is left to throw for Microsoft's clients: no connection, a broken one, or no answer in time. */
function noAnswer(error: unknown, tooLate: boolean): ArmError {
  const said = error instanceof Error ? error.message : String(error);
  const why = tooLate ? `no answer within ${ATTEMPT_MS / 1000} s` : said;
  return new ArmError(`Azure did not answer: ${why}`, { code: "NoAnswer", cause: error });
}

function bodyOf(text: string | null | undefined): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return text;
  }
}

/** Words for a sign-in that fails: what the identity service says, and how this environment signs in. */
function explained(credential: TokenCredential, env: NodeJS.ProcessEnv): TokenCredential {
  return {
    async getToken(scopes, options) {
      try {
        return await unlessAborted(credential.getToken(scopes, options), options?.abortSignal);
      } catch (error) {
        // Given up by the caller, who knows why.
        if (options?.abortSignal?.aborted) throw error;
        throw signInFailed(error, env);
      }
    },
  };
}

/** Microsoft's credentials do not end when they are told to. @throws the signal's reason */
async function unlessAborted<T>(work: Promise<T>, signal: GetTokenOptions["abortSignal"]): Promise<T> {
  if (signal === undefined) return await work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Error("The sign-in was given up."));
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) abort();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

const HINTS: Readonly<Record<ReturnType<typeof signInKind>, string>> = {
  default: "Sign in by one of the ways of Azure's default chain, for instance: az login",
  certificate: "Check ARM_CLIENT_ID, ARM_TENANT_ID and the certificate of ARM_CLIENT_CERTIFICATE_PATH.",
  secret: "Check ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID; a secret may have expired.",
  oidc: "Check ARM_CLIENT_ID, ARM_TENANT_ID and that the app registration trusts this pipeline (federated credential).",
  "managed-identity":
    "Check that this machine has a managed identity, and ARM_CLIENT_ID where it has several.",
  az: "Sign in: az login",
};

function signInFailed(error: unknown, env: NodeJS.ProcessEnv): PropiqError {
  if (error instanceof PropiqError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const line =
    text.split("\n").find((candidate) => candidate.includes("AADSTS")) ?? text.split("\n")[0] ?? "";
  const secrets = ["ARM_CLIENT_SECRET", "ARM_OIDC_TOKEN", "ARM_CLIENT_CERTIFICATE_PASSWORD"].map(
    (name) => env[name],
  );
  const clean = secrets.reduce<string>(
    (left, secret) => (secret ? left.replaceAll(secret, "[secret]") : left),
    line,
  );
  return new PropiqError(`Cannot sign in to Azure (${signInKind(env)}): ${clean.slice(0, 300)}`, {
    code: "SIGN_IN_FAILED",
    next: { say: HINTS[signInKind(env)] },
    cause: error,
  });
}
