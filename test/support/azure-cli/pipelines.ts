/** Azure Pipelines, as far as a set-up by hand meets it (azure-devops-cli-extension). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answers, AzError } from "./answers.ts";

export function pipelineAnswers(): Answers {
  const pipelines = new Set<string>();
  const groups = new Map<number, { name: string; variables: Set<string> }>();
  return {
    "pipelines create": ({ value, person }) => {
      const name = value("--name") ?? "";
      if (pipelines.has(name)) throw new AzError(`Pipeline with name ${name} already exists.`);
      for (const needed of ["--repository", "--repository-type", "--branch", "--yml-path"])
        if (value(needed) === undefined)
          throw new AzError(`The following arguments are required: ${needed}.`);
      // It is the repository's own file; here that is the folder that one stands in.
      readFileSync(join(person.cwd, value("--yml-path") ?? ""));
      pipelines.add(name);
      return { value: { name, id: pipelines.size } };
    },
    "pipelines variable-group create": ({ value, values }) => {
      const variables = values("--variables").map((pair) => {
        const [, name] = /^([^=]+)=/.exec(pair) ?? [];
        if (name === undefined) throw new AzError("not enough values to unpack (expected 2, got 1)");
        return name;
      });
      const id = groups.size + 1;
      groups.set(id, { name: value("--name") ?? "", variables: new Set(variables) });
      return { value: { id, name: value("--name") } };
    },
    "pipelines variable-group variable create": ({ value, person }) => {
      const [id, name = ""] = [value("--group-id"), value("--name")];
      const group = groups.get(Number(id));
      if (group === undefined) throw new AzError(`Variable group with Id ${id} could not be found.`);
      if ([...group.variables].some((known) => known.toLowerCase() === name.toLowerCase()))
        throw new AzError(`Variable '${name}' already exists.`);
      const secret = value("--secret") === "true";
      if (secret && value("--value") === undefined && person.input === undefined) return { ask: `${name}: ` };
      group.variables.add(name);
      return { value: { [name]: { isSecret: secret || null } } };
    },
  };
}
