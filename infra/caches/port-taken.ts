/** What to do when another program uses the port of a local cache. The same for every local plan. */
import { type Advice, advice } from "../../base/advice.ts";
import { type Command, program, pulumi, setConfig } from "../../base/command.ts";

/** @param stack whose cache was to listen there */
export function portAdvice(port: number, stack: string): Advice {
  return advice(
    "Choose another port (first command). Or, if a Redis listens there, use it (second and third command). The last command shows who listens.",
    setConfig(stack, "port", String(port === 65_535 ? port - 1 : port + 1)),
    ...useRunningRedis(stack, port),
    program("lsof", "-i", `:${port}`),
  );
}

/** The commands that use a Redis which already runs on this machine. */
export function useRunningRedis(stack: string, port: number): Command[] {
  return [
    setConfig(stack, "plan", "external"),
    pulumi(stack, "config", "set", "--secret", "url", `redis://127.0.0.1:${port}/0`),
  ];
}
