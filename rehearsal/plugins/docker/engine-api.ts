/** Docker's API with its refusals in the words in which the real provider hands them on (moby/moby `client`). */
import { callDocker, type DockerCall } from "../../../infra/caches/docker/api.ts";

/** The engine said no, or did not answer. `status` is 0 where there was no answer. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export interface Engine {
  readonly host: string;
  /** Answers with the body, as JSON where it is JSON. Rejects with an `EngineError`. */
  call(method: DockerCall["method"], path: string, body?: object | Uint8Array): Promise<unknown>;
}

/** As long as a pull may take: the provider gives it 20 minutes. */
const SILENCE_MS = 20 * 60_000;

export function engineAt(host: string): Engine {
  return {
    host,
    async call(method, path, body) {
      const what = { method, path, timeoutMs: SILENCE_MS, ...(body === undefined ? {} : { body }) };
      const answer = await callDocker(host, what).catch((error: NodeJS.ErrnoException) => {
        throw new EngineError(
          error.code === "EACCES"
            ? `permission denied while trying to connect to the Docker daemon socket at ${host}: ${error.message}`
            : `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`,
          0,
        );
      });
      if (answer.status < 400) return parsed(answer.text);
      const { message } = parsed(answer.text) as { message: string };
      throw new EngineError(`Error response from daemon: ${message}`, answer.status);
    },
  };
}

/** A pull answers with a line of JSON an event; all else is JSON or nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
