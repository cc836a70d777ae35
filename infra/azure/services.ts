/** Azure's two services for Redis, by their providers in the catalogue. */
import { CATALOGUE, type Plan } from "../plans/catalogue.ts";
import { API_VERSIONS } from "./api-versions.ts";

export type AzureService = "azure" | "azure-managed";

export interface ServiceFacts {
  /** Below `Microsoft.Cache`. */
  type: "redis" | "redisEnterprise";
  apiVersion: string;
  /** How long Azure takes to make a cache: Microsoft's articles on either service. */
  making: string;
  tlsPort: number;
  /** The action that reads the keys, below a cache. */
  keysPath: string;
  /** Counters of its metrics are numbers in an interval, or rates. */
  counts: "in-interval" | "per-second";
}

export const SERVICES: Readonly<Record<AzureService, ServiceFacts>> = {
  azure: {
    type: "redis",
    apiVersion: API_VERSIONS.redis,
    making: "15 to 40 minutes",
    tlsPort: 6380,
    keysPath: "listKeys",
    counts: "in-interval",
  },
  "azure-managed": {
    type: "redisEnterprise",
    apiVersion: API_VERSIONS.redisEnterprise,
    making: "some minutes",
    tlsPort: 10_000,
    keysPath: "databases/default/listKeys",
    counts: "per-second",
  },
};

export const AZURE_SERVICES = Object.keys(SERVICES) as AzureService[];

/** @returns undefined for a plan that is not in Azure */
export function serviceOf(plan: Plan): AzureService | undefined {
  const { provider } = CATALOGUE[plan];
  return AZURE_SERVICES.find((service) => service === provider);
}

/** For code that runs for plans in Azure only. */
export function requireService(plan: Plan): AzureService {
  const service = serviceOf(plan);
  if (service === undefined) throw new Error(`${plan} is not a plan in Azure`);
  return service;
}
