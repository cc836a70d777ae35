/** Request bodies, checked with the JSON schemas beside this file; each names the specification that it was made from. */
import { readFile } from "node:fs/promises";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { refusals } from "./refusals.ts";

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const compiled = new Map<string, Promise<ValidateFunction>>();

/**
 * @param stem of a file in `schemas/`
 * @throws ArmRefusal InvalidRequestBody, naming the first parameter that does not fit; what the schema says in `details`
 */
export async function checkBody(stem: string, body: unknown): Promise<void> {
  const loading = compiled.get(stem) ?? compile(stem);
  compiled.set(stem, loading);
  const validate = await loading;
  if (validate(body)) return;
  const errors = validate.errors ?? [];
  const [first] = errors;
  throw refusals.invalidBody(
    first === undefined ? "" : parameterOf(first),
    errors.map((error) => `${parameterOf(error) || "body"} ${error.message ?? error.keyword}`),
  );
}

async function compile(stem: string): Promise<ValidateFunction> {
  const text = await readFile(new URL(`./schemas/${stem}.json`, import.meta.url), "utf8");
  return ajv.compile(JSON.parse(text));
}

/** `properties.sku.name`, as Azure writes it. */
function parameterOf({ instancePath, params }: ErrorObject): string {
  const named = params["missingProperty"] ?? params["additionalProperty"] ?? params["propertyName"];
  const path = instancePath.split("/").slice(1);
  return [...path, ...(typeof named === "string" ? [named] : [])].join(".");
}
