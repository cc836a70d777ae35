/** What Pulumi's bridge makes of a Terraform provider: the form of its errors, and its notes about defaults. */
import type { Value, Values } from "../../../infra/provider/protocol/values.ts";
import { InitFailed } from "./stand-in.ts";

/** For `catch`. */
export function oneError(error: Error): never {
  throw new Error(inForm(error), { cause: error });
}

/** For `catch` of an operation on a resource. A plain create is not named (seen). */
export function failed(doing: "creating" | "refreshing" | "updating" | "deleting", urn: string) {
  return (error: Error): never => {
    const named = `${doing} ${urn}: ${inForm(error)}`;
    if (error instanceof InitFailed) throw new InitFailed(named, error.left);
    if (doing === "creating") oneError(error);
    throw new Error(named, { cause: error });
  };
}

const inForm = ({ message }: Error): string => `1 error occurred:\n\t* ${message}\n\n`;

/** Inputs note in `__defaults` which of them are the provider's, at every depth; state does not. */
export function settled(values: Values): Values {
  const clean = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(clean);
    return typeof value === "object" && value !== null ? settled(value as Values) : value;
  };
  const entries = Object.entries(values).filter(([key]) => key !== "__defaults");
  return Object.fromEntries(entries.map(([key, value]) => [key, clean(value)]));
}
