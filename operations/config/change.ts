/** `config set` and `config rm`: several keys of a stack at once, checked as a whole before anything is written. */
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { problemLines } from "../../infra/settings/problems.ts";
import type { Note } from "../result.ts";
import { type ConfigChange, changeStackConfig, checkChange } from "../stacks/config-edit.ts";
import { type Assignments, pathInWords } from "./assignments.ts";

/**
 * @param readSecret reads the value of the one secret key
 * @param storeSecret has Pulumi encrypt it @throws PropiqError where that fails: then nothing was written
 */
export async function setConfig(
  stack: string,
  { changes, secretKey }: Assignments,
  io: { readSecret: () => Promise<string>; storeSecret: (key: string, value: string) => Promise<void> },
): Promise<Note[]> {
  const secret = secretKey === undefined ? undefined : { key: secretKey, value: await io.readSecret() };
  if (secret?.value === "")
    throw new PropiqError(`There is no value for ${secret.key} on standard input.`, {
      code: "USAGE",
      next: advice("Pass it on standard input, so that no list of processes shows it."),
    });
  const { file } = await accepted(stack, changes, secret && { [secret.key]: secret.value });
  if (secret !== undefined) await io.storeSecret(secret.key, secret.value);
  await changeStackConfig(stack, changes);
  const lines = [
    ...(secret === undefined ? [] : [`${secret.key}: (secret)`]),
    ...changes.map(({ path, value }) => `${pathInWords(path)}: ${JSON.stringify(value)}`),
  ];
  return [{ status: "pass", say: [`Written to ${file}:`, ...lines].join("\n") }];
}

export async function removeConfig(stack: string, changes: readonly ConfigChange[]): Promise<Note[]> {
  const { file, own } = await accepted(stack, changes);
  await changeStackConfig(stack, changes);
  return changes.map(({ path }): Note => {
    const name = pathInWords(path);
    return valueAt(own, path) === undefined
      ? { status: "note", say: `${name} is not in ${file}.` }
      : { status: "pass", say: `${name} is removed from ${file}.` };
  });
}

async function accepted(
  stack: string,
  changes: readonly ConfigChange[],
  secrets?: Readonly<Record<string, string>>,
) {
  const checked = await checkChange(stack, changes, secrets);
  if (checked.errors.length === 0) return checked;
  const lines = checked.errors.flatMap((problem) => problemLines(problem, stack));
  throw new PropiqError(
    `The config of stack ${stack} would have errors. Nothing was written.\n${lines.map((line) => `  ${line}`).join("\n")}`,
    { code: "CONFIG_INVALID", next: advice(`The config is in ${checked.file}.`) },
  );
}

function valueAt(own: Readonly<Record<string, unknown>>, path: ConfigChange["path"]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined),
    own,
  );
}
