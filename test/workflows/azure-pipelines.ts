/**
 * Runs the scripts of our Azure Pipelines in order, as an agent does: variables as environment, `$(NAME)` put in place
 * (and left as it is where nobody has set it), `##vso[task.setvariable]` taken up, AzureCLI@2 with the identity of its
 * service connection. Tasks that only show or keep files do nothing here; what is not known throws.
 * https://learn.microsoft.com/azure/devops/pipelines/process/variables
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../base/paths.ts";
import type { Team } from "./team.ts";

interface Step {
  checkout?: string;
  bash?: string;
  task?: string;
  displayName?: string;
  condition?: string;
  continueOnError?: boolean;
  inputs?: Record<string, unknown>;
  env?: Record<string, string>;
}
type Variable = { name?: string; value?: string; group?: string };

const WITHOUT_EFFECT = [
  "UseNode@1",
  "Cache@2",
  "PublishTestResults@2",
  "PublishPipelineArtifact@1",
  "DownloadPipelineArtifact@2",
];
const CONDITIONS: Readonly<Record<string, (ok: boolean) => boolean>> = {
  "succeeded()": (ok) => ok,
  "failed()": (ok) => !ok,
  "not(canceled())": () => true,
};

export async function runAzurePipeline(file: string, { machine }: Team) {
  const path = join(PROJECT_ROOT, ".azure-pipelines", file);
  const pipeline = parse(await readFile(path, "utf8")) as { variables: Variable[] };
  const folder = await mkdtemp(join(tmpdir(), "propiq-azure-pipeline-"));
  const workspace = join(folder, "work");
  await machine.outside.layCode(workspace, undefined);
  const secrets = machine.secrets["prod"] ?? {};
  const vars = machine.vars["prod"] ?? {};
  const variables: Record<string, string> = {
    "Build.SourceVersion": "0123456789abcdef0123456789abcdef01234567",
    ...(vars["PULUMI_BACKEND_URL"] === undefined ? {} : { PULUMI_BACKEND_URL: vars["PULUMI_BACKEND_URL"] }),
  };
  for (const { name, value } of pipeline.variables) if (name && value) variables[name] = value;
  const spn = await identityOf(machine, vars, folder);
  let ok = true;
  let text = "";
  for (const step of stepsOf(pipeline)) {
    const condition = CONDITIONS[step.condition ?? "succeeded()"];
    if (condition === undefined) throw new Error(`condition ${step.condition} is not known here`);
    const script = step.bash ?? scriptOf(step);
    if (!condition(ok) || script === undefined) continue;
    const given = Object.entries(step.env ?? {}).map(([key, value]) => [
      key,
      value.replace(/\$\(([\w.]+)\)/g, (same, name: string) => variables[name] ?? secrets[name] ?? same),
    ]);
    const env = {
      ...machine.env,
      // Secrets are not environment of a step by themselves.
      ...Object.fromEntries(
        Object.entries(variables).map(([key, value]) => [key.replaceAll(".", "_"), value]),
      ),
      CI: "true",
      TF_BUILD: "True",
      ...Object.fromEntries(given),
      ...(step.task === "AzureCLI@2" ? spn.env : {}),
      PATH: [spn.bin, machine.env["PATH"] ?? ""].join(delimiter),
    };
    const child = spawn("bash", ["--noprofile", "--norc", "-c", script], { cwd: workspace, env });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
      });
    const [code] = (await once(child, "close")) as [number | null];
    for (const [, name = "", value = ""] of said.matchAll(
      /^##vso\[task\.setvariable variable=(\w+)\](.*)$/gm,
    ))
      variables[name] = value;
    text += said;
    if (code !== 0 && step.continueOnError !== true) ok = false;
  }
  await rm(folder, { recursive: true, force: true });
  return { ok, text, variables };
}

/** Steps of its jobs in their order. All of them run in one folder, so artifacts need not be carried. */
function stepsOf(pipeline: unknown): Step[] {
  if (typeof pipeline !== "object" || pipeline === null) return [];
  const { steps } = pipeline as { steps?: Step[] };
  return steps ?? Object.values(pipeline).flatMap(stepsOf);
}

function scriptOf({ task, checkout, inputs }: Step): string | undefined {
  if (checkout === "self" || WITHOUT_EFFECT.includes(task ?? "")) return undefined;
  if (task !== "AzureCLI@2" || inputs?.["addSpnToEnvironment"] !== true)
    throw new Error(`${task} is not known here`);
  return String(inputs["inlineScript"]);
}

/** What AzureCLI@2 gives a script: an `az` that is signed in, and with addSpnToEnvironment the connection's identity. */
async function identityOf(
  { env, identityEnv }: Team["machine"],
  vars: Readonly<Record<string, string>>,
  folder: string,
) {
  const bin = join(folder, "bin");
  const az = [
    "#!/bin/sh",
    `[ "$*" = 'account show --query id --output tsv' ] && exec echo ${vars["AZURE_SUBSCRIPTION_ID"]}`,
    'echo "az $* is not known here" >&2; exit 1',
    "",
  ].join("\n");
  await promisify(execFile)("mkdir", ["-p", bin]);
  await writeFile(join(bin, "az"), az, { mode: 0o755 });
  const {
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    ...storage
  } = identityEnv;
  const ask =
    "const r = await fetch(process.env.URL_ + '&audience=api://AzureADTokenExchange', { headers: { authorization: 'Bearer ' + process.env.BEARER } }); console.log((await r.json()).value)";
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", ask], {
    env: { ...env, URL_: url, BEARER: bearer },
  });
  return {
    bin,
    env: {
      ...storage,
      servicePrincipalId: vars["AZURE_CLIENT_ID"],
      tenantId: vars["AZURE_TENANT_ID"],
      idToken: stdout.trim(),
    },
  };
}
