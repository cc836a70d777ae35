/**
 * What Azure says when it refuses, word for word where a public source has the words. Given by the services, and to
 * `azure.fault({ reply: refusals.throttled(1).reply })`.
 */
import { randomUUID } from "node:crypto";
import { ArmRefusal } from "./message.ts";

export const refusals = {
  /** MicrosoftDocs/feedback#2279, Azure/azure-sdk-for-go#22571. */
  missingApiVersion: () =>
    new ArmRefusal(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    ),

  /** hashicorp/terraform-provider-azurerm#23865. */
  unknownApiVersion: (apiVersion: string, type: string, supported: readonly string[]) =>
    new ArmRefusal(
      400,
      "NoRegisteredProviderFound",
      `No registered resource provider found for location 'eastus' and API version '${apiVersion}' for type '${type}'. ` +
        `The supported api-versions are '${supported.join(", ")}'. The supported locations are 'eastus, westus'.`,
    ),

  /** Azure/azure-cli#33657. */
  subscriptionNotFound: (subscriptionId: string) =>
    new ArmRefusal(404, "SubscriptionNotFound", `The subscription '${subscriptionId}' could not be found.`),

  /** cloud-custodian/cloud-custodian#3885. */
  groupNotFound: (resourceGroup: string) =>
    new ArmRefusal(404, "ResourceGroupNotFound", `Resource group '${resourceGroup}' could not be found.`),

  /** ManageIQ/manageiq#8662. */
  notFound: (type: string, name: string, resourceGroup: string) =>
    new ArmRefusal(
      404,
      "ResourceNotFound",
      `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. ` +
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    ),

  /** microsoft/azure-tools-for-java#4737. */
  unauthorized: (clientId: string, objectId: string, action: string, scope: string) =>
    new ArmRefusal(
      403,
      "AuthorizationFailed",
      `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${action}' ` +
        `over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ),

  /** Microsoft's page "Resolve errors for resource provider registration". */
  unregistered: (namespace: string) =>
    new ArmRefusal(
      409,
      "MissingSubscriptionRegistration",
      `The subscription is not registered to use namespace '${namespace}'. ` +
        "See https://aka.ms/rps-not-found for how to register subscriptions.",
      [
        {
          code: "MissingSubscriptionRegistration",
          target: namespace,
          message:
            `The subscription is not registered to use namespace '${namespace}'. ` +
            "See https://aka.ms/rps-not-found for how to register subscriptions.",
        },
      ],
    ),

  /** MicrosoftDocs/azure-docs#5156. */
  locationNotAvailable: (type: string, location: string, available: string) =>
    new ArmRefusal(
      400,
      "LocationNotAvailableForResourceType",
      `The provided location '${location}' is not available for resource type '${type}'. ` +
        `List of available regions for the resource type is '${available}'.`,
    ),

  /** CompositionalIT/farmer#807. */
  metricUnknown: (name: string) =>
    new ArmRefusal(
      400,
      "BadRequest",
      `Couldn't find a metric named ${name}. Make sure the name is correct. If this metric hasn't been reported yet, use ` +
        "the -skipMetricValidation flag. Learn more here: https://docs.microsoft.com/azure/azure-monitor/platform/" +
        "alerts-troubleshoot-metric#define-an-alert-rule-on-a-custom-metric-that-isnt-emitted-yet  " +
        `Activity ID: ${randomUUID()}.`,
    ),

  /** Azure/ResourceModules#4550; that Azure says so of a resource that is not there could not be confirmed. */
  invalidScope: () =>
    new ArmRefusal(400, "BadRequest", `Alert scope is invalid. Activity ID: ${randomUUID()}.`),

  /** Azure/azure-powershell#17105, learntocloud/learn-to-cloud-app#612. */
  mixedScopes: () =>
    new ArmRefusal(
      400,
      "BadRequest",
      `You can't define a scope that is different from the selected target resource type. Activity ID: ${randomUUID()}.`,
    ),

  /** microsoft/ApplicationInsights-Home#476: the name is the title, under another GUID. */
  workbookTitleTaken: () =>
    new ArmRefusal(409, "Conflict", "A Workbook with the same name already exists within this subscription."),

  badRequest: (message: string) => new ArmRefusal(400, "BadRequest", `${message}\nRequestID=${randomUUID()}`),

  /** The form as in hashicorp/terraform-provider-azurerm#2634; the details are the emulator's own. */
  invalidBody: (parameter: string, details: readonly string[] = []) =>
    new ArmRefusal(
      400,
      "InvalidRequestBody",
      `The value of the parameter '${parameter}' is invalid.\nRequestID=${randomUUID()}`,
      details.map((message) => ({ code: "InvalidRequestBody", message })),
    ),

  /**
   * The retirement of Azure Cache for Redis, as terminals showed it in 2026:
   * `(BadRequest) Azure Cache for Redis is retiring, create Azure Managed Redis instance instead. Learn more: …`.
   */
  retired: () =>
    new ArmRefusal(
      400,
      "BadRequest",
      "Azure Cache for Redis is retiring, create Azure Managed Redis instance instead. " +
        `Learn more: https://aka.ms/AzureCacheForRedisRetirement\nRequestID=${randomUUID()}`,
    ),

  /** Azure/azure-sdk-for-java#50073, MicrosoftLearning/mslearn-azure-ai#200. */
  enterpriseRetired: () =>
    new ArmRefusal(
      400,
      "BadRequest",
      "Creation of new Azure Cache for Redis Enterprise resources is no longer supported. " +
        "Azure Cache for Redis Enterprise is retiring, please create Azure Managed Redis instead.",
    ),

  /** Azure/azure-service-operator#889, Azure-Samples/acme-fitness-store#13; the misspelling is Azure's. */
  nameTaken: () =>
    new ArmRefusal(
      409,
      "NameNotAvailable",
      "An error occured when trying to reserve the DNS name for the cache instance. This may be a temporary issue if a " +
        "cache instance of this name was recently deleted. Please choose a different name or try again later." +
        `\r\nRequestID=${randomUUID()}`,
    ),

  /** langchain-ai/terraform#107; the code is not in it. */
  zonesNotSupported: (sku: string) =>
    new ArmRefusal(
      400,
      "BadRequest",
      `Specifying zones for SKU '${sku}' is not supported. ` +
        "Zone redundancy is enabled by default for this SKU in regions with zones.",
    ),

  /** Azure/azure-cli#2902. */
  settingNotOnBasic: (setting: string) =>
    new ArmRefusal(
      400,
      "BadRequest",
      `The setting '${setting}' is not allowed on 'Basic' cache instances.\nRequestID=${randomUUID()}`,
    ),

  /** digdir/dialogporten#523, which leaves the code unsaid. */
  busy: (id: string) =>
    new ArmRefusal(
      409,
      "Conflict",
      `The resource '${id}' is busy processing a previous update request or is undergoing system maintenance. ` +
        "As such, it is currently unable to accept the update request. Please try again later.",
    ),

  /** microsoft/aspire#19174; langchain-ai/terraform#109 and #258 report the Failed cluster that is left behind. */
  insufficientCapacity: () =>
    new ArmRefusal(
      400,
      "InsufficientCapacity",
      "Request failed due to insufficient capacity. Retry using a different Azure Managed Redis size or region.",
    ),

  /** The form as on Microsoft's page "Resolve errors for policy RequestDisallowedByPolicy", and in many terminals. */
  disallowedByPolicy: (resource: string, policy: string) =>
    new ArmRefusal(
      403,
      "RequestDisallowedByPolicy",
      `Resource '${resource}' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"${policy}",` +
        `"id":"/providers/Microsoft.Management/managementGroups/root/providers/Microsoft.Authorization/policyAssignments/deny"},` +
        `"policyDefinition":{"name":"${policy}","id":"/providers/Microsoft.Authorization/policyDefinitions/deny"}}]'.`,
    ),

  /** Azure/migAz#57; the header as Microsoft's page on request limits says. */
  throttled: (retryAfterSeconds: number) =>
    new ArmRefusal(429, "TooManyRequests", "The request is being throttled.", undefined, {
      "Retry-After": String(retryAfterSeconds),
    }),

  serverError: () =>
    new ArmRefusal(500, "InternalServerError", `An error occurred. RequestID=${randomUUID()}`),

  /** microsoft/foundry-dev-tools#461: a token that ran out in the middle of something long. */
  tokenExpired: (expiredAt: Date) =>
    new ArmRefusal(
      401,
      "ExpiredAuthenticationToken",
      `The access token expiry UTC time '${us(expiredAt)}' is earlier than current UTC time '${us(new Date())}'.`,
    ),

  /** What https://management.azure.com answers to anyone who asks without a token. */
  tokenMissing: () =>
    new ArmRefusal(
      401,
      "AuthenticationFailed",
      "Authentication failed. The 'Authorization' header is missing.",
    ),

  tokenInvalid: () => new ArmRefusal(401, "InvalidAuthenticationToken", "The access token is invalid."),

  /** JetBrains/azure-tools-for-intellij#16. */
  tokenForAnother: (audience: string, accepted: readonly string[]) =>
    new ArmRefusal(
      401,
      "InvalidAuthenticationTokenAudience",
      `The access token has been obtained for wrong audience or resource '${audience}'. ` +
        `It should exactly match with one of the allowed audiences '${accepted.join("','")}'.`,
    ),
} as const;

/** `6/15/2026 8:22:51 AM` */
const us = (date: Date): string => date.toLocaleString("en-US", { timeZone: "UTC" }).replace(",", "");
