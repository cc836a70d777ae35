/**
 * Reads and writes YAML as values. Files whose comments must stay are edited with `yaml` instead, which takes ten times
 * as long to load.
 */
import { dump, FAILSAFE_SCHEMA, type LoadOptions, loadAll, YAMLException } from "js-yaml";

/** @returns null for an empty text @throws YamlError */
export function readYaml(text: string): unknown {
  return read(text);
}

/** Scalars are the texts that stand there, as Pulumi takes them: `1e3` is no number. @throws YamlError */
export function readYamlAsWritten(text: string): unknown {
  return read(text, { schema: FAILSAFE_SCHEMA });
}

export function writeYaml(value: unknown): string {
  return dump(value, { lineWidth: -1 });
}

/** The message is the reason and the place, on one line; nothing of the text itself. */
export class YamlError extends Error {
  override readonly name = "YamlError";
}

function read(text: string, options: LoadOptions = {}): unknown {
  let documents: readonly unknown[];
  try {
    documents = loadAll(text, options);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line, column } = error.mark ?? {};
    const at = line === undefined || column === undefined ? "" : ` at line ${line + 1}, column ${column + 1}`;
    throw new YamlError(error.reason + at, { cause: error });
  }
  if (documents.length > 1) throw new YamlError("it holds several documents");
  return documents[0] ?? null;
}
