/** The command that the user typed, to be repeated as it is. A URL on standard input or in the environment is not in it. */
import { type Command, propiq } from "../base/command.ts";

export function typedCommand(): Command {
  return propiq(...process.argv.slice(2));
}
