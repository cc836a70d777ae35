/** What App Service refuses about settings, in the form that is its own: capital letters, and no `error` around it. */
import type { ArmReply } from "../message.ts";

export type Names = readonly string[] | undefined;

/**
 * @returns the refusal; undefined where the body may be checked further
 */
export function refusedSettings(body: unknown): ArmReply | undefined {
  const properties = propertiesOf(body);
  if (properties === undefined) return invalidParameter("properties");
  const names = Object.keys(properties);
  if (names.includes("")) return emptyName();
  const odd = names.find((name) => !ALLOWED_NAME.test(name));
  if (odd !== undefined) return notAllowed(odd);
  const bare = names.map((name) => name.toLowerCase());
  const twice = names.find((_, index) => bare.indexOf(bare[index] ?? "") < index);
  return twice === undefined ? undefined : alreadyExists(twice);
}

/** @returns what is under `properties`, where that is a map */
export function propertiesOf(body: unknown): Record<string, unknown> | undefined {
  if (typeof body !== "object" || body === null || !("properties" in body)) return undefined;
  const { properties } = body;
  const isMap = typeof properties === "object" && properties !== null && !Array.isArray(properties);
  return isMap ? (properties as Record<string, unknown>) : undefined;
}

/** Letters, digits, dots and underscores by Microsoft's page on settings; hyphens and colons are accepted as well. */
const ALLOWED_NAME = /^[A-Za-z0-9_.:-]+$/;

/** Azure/azure-rest-api-specs#5605, Azure/azure-sdk-for-java#597. */
export function invalidParameter(parameter: string): ArmReply {
  return refusal(`The parameter ${parameter} has an invalid value.`, {
    ExtendedCode: "51008",
    MessageTemplate: "The parameter {0} has an invalid value.",
    Parameters: [parameter],
  });
}

/** The words: microsoft/azure-pipelines-tasks#7799; the code: Azure/terraform-provider-azapi#408. */
function emptyName(): ArmReply {
  return refusal("Parameter name cannot be empty.", {
    ExtendedCode: "01014",
    MessageTemplate: "Parameter {0} cannot be empty.",
    Parameters: ["name"],
  });
}

/** microsoft/vscode-azureappservice#944; the extended code is not in it. */
function notAllowed(name: string): ArmReply {
  return refusal(`AppSetting with name '${name}' is not allowed.`, {
    ExtendedCode: "04072",
    MessageTemplate: "AppSetting with name '{0}' is not allowed.",
    Parameters: [name],
  });
}

/**
 * Names are the same in either letter case: Azure/azure-cli#13673; the words: microsoft/azure-pipelines-tasks#14689. The
 * extended code is not in them.
 */
function alreadyExists(name: string): ArmReply {
  const words = `Parameter with name ${name} already exists.`;
  return refusal(
    words,
    { MessageTemplate: "Parameter with name {0} already exists.", Parameters: [name] },
    409,
  );
}

function refusal(Message: string, entity: Record<string, unknown>, status: 400 | 409 = 400): ArmReply {
  const Code = status === 409 ? "Conflict" : "BadRequest";
  const ErrorEntity = { ...entity, Code, Message };
  const Details = [{ Message }, { Code }, { ErrorEntity }];
  return { status, body: { Code, Message, Target: null, Details, Innererror: null } };
}
