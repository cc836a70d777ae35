/** `Run`: one run of the user's program, from the start of its process to the words for how it ended. */
import language from "@pulumi/pulumi/proto/language_pb.js";
import { locateModule } from "./locate.ts";
import { endOf, interrupt, startNode } from "./processes.ts";
import { optionVariables, runtimeOptions } from "./runtime-options.ts";

/** What `@pulumi/pulumi/cmd/run` ends with when it has explained to the user what is wrong (its index.js). */
const ALREADY_EXPLAINED = 32;

/**
 * @param cancelled aborted when the engine no longer waits for the answer
 * @returns the answer; a failure is in it, not thrown
 */
export async function runProgram(
  request: language.RunRequest,
  engineAddress: string,
  cancelled: AbortSignal,
): Promise<language.RunResponse> {
  const answer = new language.RunResponse();
  try {
    const info = request.getInfo() ?? new language.ProgramInfo();
    const options = runtimeOptions(info.getOptions());
    const run = locateModule("@pulumi/pulumi/cmd/run", info.getProgramDirectory(), "pulumi install");
    const child = startNode([...options.nodeargs, run, ...runArguments(request, info, engineAddress)], {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        ...optionVariables(options),
        PULUMI_CONFIG: JSON.stringify(configOf(request)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
    });
    cancelled.addEventListener("abort", () => interrupt(child));
    const end = await endOf(child);
    if (end instanceof Error) {
      return answer.setError(`Problem executing program (could not run language executor): ${end.message}`);
    }
    if (end.code === ALREADY_EXPLAINED) return answer.setBail(true);
    if (end.code === 0) return answer;
    return answer.setError(`Program exited with non-zero exit code: ${end.code}${end.detail}`);
  } catch (error) {
    return answer.setError(error instanceof Error ? error.message : String(error));
  }
}

function runArguments(
  request: language.RunRequest,
  info: language.ProgramInfo,
  engineAddress: string,
): string[] {
  const named: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: info.getProgramDirectory(),
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    "--parallel",
    String(request.getParallel()),
    info.getEntryPoint(),
    ...request.getArgsList(),
  ];
}

/** The SDK reads `namespace:config:key`, the form of old; the engine sends `namespace:key`. */
function configOf(request: language.RunRequest): Record<string, string> {
  const entries = request.getConfigMap().toObject(false);
  return Object.fromEntries(
    entries.map(([key, value]) => [key.replace(/^([^:]*):(?:config:)?/, "$1:config:"), value]),
  );
}
